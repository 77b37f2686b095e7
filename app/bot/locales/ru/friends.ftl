friends = 👥 <b>Пригласите друга</b>
friends-how = Отправьте другу ссылку, и за его оплаты вы получите:
friends-percent-first = • { $percent } % от первой оплаты — на баланс
friends-percent-every = • { $percent } % от каждой оплаты — на баланс
friends-days = • { $days } доступа за первую оплату
friends-nothing = Сейчас приглашения ничего не приносят, кроме благодарности друзей. Но ссылка работает: если награды появятся, все, кто пришёл по ней, будут записаны за вами.
friends-link = Ваша ссылка — нажмите, чтобы скопировать:
friends-link-away = Показать ссылку сейчас не получилось: Telegram не отвечает. Загляните через минуту.
friends-none = Пока по ней никто не пришёл. Начните с того, кому VPN нужнее всего 🙂
friends-count = Пришли: <b>{ $came }</b> · оплатили: <b>{ $paid }</b>
friends-earned = Вы заработали: <b>{ $sums }</b>
friends-share = 📨 Отправить другу
friends-share-text = Пользуюсь этим VPN: ключ приходит прямо в Telegram, без карт и анкет. Попробуй!
friends-copy = 📋 Скопировать
friends-card-make = 🖼 Картинка
friends-card-toast = Перешлите её другу или покажите: камера телефона откроет вашу ссылку.
friends-card-head = Приглашение
friends-card-title = VPN в Telegram
friends-card-text = Ключ приходит прямо в чат
friends-card-foot = Наведите камеру
friends-card =
    👋 <b>Приглашение: VPN прямо в Telegram</b>

    Откройте ссылку и нажмите «Старт» — выберите план, и ключ придёт в чат. Без карт и анкет.

    { $link }
friends-card-button = 🚀 Открыть
friends-brought = 🤝 <b>{ $name }</b> зовёт вас к нам — добро пожаловать!

friend-nameless = Ваш друг
friend-nameless-inside = ваш друг

friend-came =
    👋 <b>{ $name }</b> теперь с нами

    По вашей ссылке. Спасибо, что рассказываете о нас!
referral-reward =
    🎉 <b>Награда за друга</b>

    По вашей ссылке пришла оплата — { $name }. Вам: <b>{ $reward }</b>. Спасибо!
referral-reward-money = { $amount } на баланс
referral-reward-days = { $days } доступа
referral-reward-both = { $money } и { $days }
referral-taken-back =
    ↩️ <b>Награда за друга отменена</b>

    Покупка друга ({ $name }) возвращена, поэтому и награда за неё вернулась в магазин: { $lost }.
referral-lost-money = { $amount } с баланса
referral-lost-days = подаренные дни
referral-lost-both = { $amount } с баланса и подаренные дни
