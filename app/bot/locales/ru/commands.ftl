command-menu = Главное меню
command-plans = Тарифы и покупка
command-subscription = Моя подписка и ключ
command-help = Короткие ответы
command-support = Написать человеку
command-language = Язык · Language
