language = 🌐 Which language shall we speak?
language-set = English it is 👌
