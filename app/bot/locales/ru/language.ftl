language = 🌐 На каком языке говорим?
language-set = Говорим по-русски 👌
