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
user-notification-key = 🔑 Ключ
user-invited = Пришло друзей: { $came }, из них платили: { $paid }
user-earned = Заработано: { $amount }
user-invited-by = По приглашению: { $name } (<code>{ $id }</code>)
user-panel-away = Панель не отвечает. Попробуйте через минуту.
person-device-list = 🔑 № { $number }
days-granted =
    🎁 <b>Вам добавили { $days }</b>

    { $reason }

    Теперь доступ до { $until }. Делать ничего не нужно: ключ прежний.
days-taken =
    📅 <b>Доступ стал короче на { $days }</b>

    { $reason }

    Теперь он до { $until }. Думаете, это ошибка? Напишите нам.
user-write = ✉️ Написать
user-write-ask = ✉️ Что написать { $person }? Одним сообщением, только текст. Ответить можно будет кнопкой «Написать ещё».
user-written = ✓ Отправляем.
user-link = 🔗 Новая ссылка
user-link-ask = 🔗 Дать { $person } новую ссылку для подписки № { $number }? Старая перестанет работать в течение минуты, а новая придёт в чат.
user-link-yes = ✅ Да, новую ссылку
user-link-done = ✓ Новая ссылка готовится и придёт в чат.
user-move = 🚚 Перенести
user-move-nothing = 🚚 У { $person } нет работающей подписки, переносить нечего.
user-move-here = 🚚 Подписка № { $number } пользователя { $person } — на панели <b>{ $panel }</b>.
user-move-where = Куда перенести? Эти панели открыты и работают, на них есть место, и они подходят тарифу.
user-move-nowhere = Сейчас переносить некуда: нет другой открытой и работающей панели с местом, которая подходит тарифу.
user-move-busy = Сейчас перенести нельзя: подписка ждёт панель или получает новую ссылку. Загляните через минуту.
user-move-under-way = Переносим на <b>{ $target }</b>. Пока новый ключ не пришёл в чат, работает старый. Когда всё будет готово, напишем вам.
user-move-target = { $name } · { $load }{ $capacity ->
    [0] { "" }
   *[other] { " " }из { $capacity }
}
user-move-ask = 🚚 Перенести подписку № { $number } пользователя { $person } с <b>{ $panel }</b> на <b>{ $target }</b>? Срок, страница и остаток трафика сохранятся. Новый ключ придёт пользователю в чат, после этого старый отключится.
user-move-yes = ✅ Да, перенести
user-move-refresh = 🔄 Обновить
user-move-changed = Кое-что изменилось: вот как обстоят дела.
user-no-key = 🔗 У { $person } нет работающей подписки, менять нечего.
user-which = 🔑 Какая подписка { $person }?
user-subscription = № { $number } · до { $date }
user-days = 📅 Дни
user-days-ask =
    📅 Дни для { $person } ({ $number ->
        [new] новая подписка, как пробная
       *[other] подписка № { $number }
    })

    Пришлите дни со знаком и причину, её увидит и пользователь: <code>+7 за простой</code> или <code>-3 начислено по ошибке</code>. За раз — не больше { $most }.
user-days-preview =
    📅 <b>{ $sign ->
        [plus] Добавить { $days }
       *[minus] Убрать { $days }
    }?</b>

    { $person }: { $before } → { $after }
    Причина: { $reason }

    Пока ничего не изменилось. Вопрос действует 15 минут.
user-days-none = доступа нет
user-days-yes = ✅ Да
user-days-done = ✓ Готово. Сервер узнает через мгновение, а пользователь об этом прочитает.
user-correct = 👛 Баланс
user-correct-ask =
    👛 У { $person } { $balance }.

    Пришлите сумму в { $currency } со знаком и причину, её увидит и пользователь: <code>+5 за простой</code>. За раз — не больше { $most }. Сначала покажем, что изменится.
user-refund = ↩️ { $number }
user-refund-ask = ↩️ Вернуть деньги за № { $number } ({ $person })? Пришлите причину (до { $longest } знаков). Сначала покажем, что куда уйдёт.

# Всплывающие окна: не больше 200 знаков, без разметки.
error-days-gone = Этот вопрос устарел, и ничего не изменилось. Откройте карточку и спросите ещё раз.
error-nothing-to-shorten = Убирать нечего: эта подписка закончилась.
error-too-many-days = За раз — от 1 до 366 дней. Ничего не изменилось.
user-block = 🚫 Заблокировать
user-unblock = ✅ Разблокировать
user-block-ask = 🚫 Заблокировать { $person }? Вместо магазина будет одно предложение, но поддержка, возврат и свои данные останутся доступны. Оплаченное доработает до конца и больше не продлится само. Пришлите причину (до { $longest } знаков); её видит только команда.
user-block-done = 🚫 Заблокировано, действует сразу.
user-blocked-since = 🚫 <b>Блокировка</b> с { $date }
user-data = 📦 Данные
user-data-sent = 📦 Всё, что хранится об этом пользователе, как и по /privacy. Передайте только лично.
user-erase = 🗑 Стереть
user-erase-ask = 🗑 Стереть все данные { $person }? То же, что и по /privacy: отменить нельзя.
user-erase-loses = Что пропадёт:
user-erase-reason = Пришлите причину (до { $longest } знаков), например, где об этом попросили. Потом спросим ещё раз.
user-erase-confirm =
    🗑 <b>Стереть все данные { $person } навсегда?</b>

    Причина: { $reason }
user-erase-yes = 🗑 Да, стереть
user-erased = ✓ Стёрто. Деньги остались в книгах без имени, ключи убираем с панели.
user-unblocked = Разблокировано ✓
error-erasure-gone = Этот вопрос устарел, и ничего не стёрто. Откройте карточку и спросите ещё раз.
error-operator-not-removable = Этот пользователь в вашей команде. Сначала уберите из неё: /staff
