button-balance = 👛 Баланс
button-friends = 👥 Друзья
button-trial = 🎁 Попробовать бесплатно
button-purchases = 🧾 Мои платежи
button-newer = ‹ Новее
button-older = Раньше ›
button-back = ‹ Назад
button-connect = 📲 Как подключиться
button-copy-key = 📋 Скопировать ключ
button-help = ❓ Помощь
button-language = 🌐 Язык · Language
button-menu = 🏠 Меню
button-page = 🌐 Подключить в одно касание
button-plans = 💎 Купить VPN
button-qr = 🔳 QR-код
button-refresh = 🔄 Обновить
button-renew = ⏩ Продлить
button-subscription = 🔑 Моя подписка
button-support = 💬 Поддержка
button-try-again = 🔄 Попробовать ещё раз

# Всплывающее окно: не больше 200 знаков, без разметки.
button-outdated = Эта кнопка уже устарела. Свежее меню ждёт ниже 👇
one-moment = Секунду…
button-all-plans = ‹ Все тарифы
button-privacy = 🔐 Ваши данные
