person-how = 👤 Кого показать? Пришлите @имя, id в Telegram, имя, номер заказа или счёта, id платежа, хеш транзакции или имя на панели; или перешлите сообщение от этого человека. Сразу командой: <code>/person @anna</code>
person-not-found = 🔎 По запросу <code>{ $typed }</code> никого не нашлось. Имена меняются: вернее искать по id или номеру заказа. Попробуйте иначе или перешлите сообщение от этого человека.
person-several =
    ☝️ <code>{ $typed }</code> подходит нескольким людям. { $by ->
        [id] Здесь тот, чей это id в Telegram.
        [name] Здесь тот, кого мы видели с этим именем позже всех.
       *[other] Здесь тот, чей заказ новее.
    } Остальные: { $others }
person-order = 🔎 <b>Заказ, который вы ищете</b>
person =
    👤 <b>{ $name }</b>
    <a href="tg://user?id={ $id }">{ $id }</a>, с нами с { $date }
person-balance = 👛 { $amount }
person-subscriptions = 🔑 <b>Подписки</b>
person-no-subscriptions = 🔑 Подписок нет.
person-no-purchases = 🧾 Платежей нет.
person-subscription = № { $number } · до { $date } · { $state ->
    [pending] ключ готовится
    [active] работает
    [updating] работает, изменения ещё не на сервере
    [stuck] работает, сервер не принял изменения
    [needs_attention] ключ не выдаётся
   *[ended] закончилась
}

user-search = 🔎 Найти пользователя
user-card = 👤 Карточка
user-tab-main = « Карточка
user-tab-payments = 💳 Платежи
user-tab-ledger = 📒 Проводки
user-tab-notifications = 🔔 Сообщения
user-tab-referrals = 🤝 Друзья
user-tab-devices = 📱 Устройства
user-nothing = Здесь пусто.
user-namesakes = 🔎 На <code>{ $typed }</code> начинаются эти имена{ $more ->
    [yes] {""}. Есть и другие: наберите имя подробнее или id.
   *[no] {""}:
}
user-notification =
    { $title }
    { $at } · { $status ->
        [sent] отправлено
        [waiting] ждёт отправки
        [unreachable] бот заблокирован
        [doubtful] возможно, дошло
        [failed] Telegram не принял
       *[withdrawn] не отправлено, устарело
    }
user-invited = Пришло друзей: { $came }, из них платили: { $paid }
user-earned = Заработано: { $amount }
user-invited-by = По приглашению: { $name } (<code>{ $id }</code>)
user-panel-away = Панель не отвечает. Попробуйте через минуту.
person-device-list = 🔑 № { $number }
