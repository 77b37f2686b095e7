home-feeds = 📡 Продажи в чат
feed-kind-sales = Продажи
feed-kind-trials = Пробные периоды
feed-kind-signups = Новые пользователи
feed-place =
    📡 <b>Что присылать сюда?</b>

    Нажмите, чтобы включить или выключить. Если у группы есть темы, у каждого вида может быть своя: отправьте /feed в нужной теме.

    ✅ приходит сюда · ↪️ приходит в другое место, нажатие перенесёт его сюда
feeds = 📡 <b>Продажи в чат</b>
feed-line = { $kind }: «{ $title }»
feed-none = Пока никуда ничего не приходит.
feed-how =
    Чтобы включить, добавьте бота в группу и отправьте в ней /feed. Имён в сообщениях нет: только тариф и сумма.
feed-off = ✖️ Выключить: { $kind }
feed-sale = { $kind ->
    [renewal] 🔁
    [gift] 🎁
   *[plan] 🛒
} { $title }, { $term } — <b>{ $price }</b>
feed-traffic = ➕ { $size } трафика — <b>{ $price }</b>
feed-devices = ➕ Устройства +{ $count } — <b>{ $price }</b>
feed-sales = 💰 <b>Продаж: { $count } на { $total }</b>
feed-more-sales = …и ещё { $count }
feed-trials = 🧪 Взяли пробный период: <b>{ $count }</b>
feed-sign-ups = 👋 Новых пользователей: <b>{ $count }</b>
feed-ended-chat =
    📡 <b>Группа «{ $title }» больше недоступна</b>

    Туда приходило: { $kinds }. Мы это выключили. Вернёте бота в группу — отправьте там /feed.
feed-ended-topic =
    📡 <b>Темы в группе «{ $title }» больше нет</b>

    Туда приходило: { $kinds }. Мы это выключили. Выберите другую тему и отправьте в ней /feed.
