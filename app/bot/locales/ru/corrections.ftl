correct-how =
    ✏️ <b>Поправка баланса</b>

    <code>/correct 1001 +5 за простой</code> — зачислить
    <code>/correct 1001 -2,50 ошибочное начисление</code> — списать

    Сумма со знаком, валюта — { $currency }. Причину человек увидит. За раз — не больше { $most }. Сначала покажем, что изменится. Кто есть кто: <code>/person 1001</code>.
correct-long-reason = Причина длинновата: помещается { $limit ->
    [one] { $limit } знак
    [few] { $limit } знака
   *[many] { $limit } знаков
}. Сократите, пожалуйста. Баланс не изменился.
correct-preview =
    ✏️ <b>Поправить баланс?</b>

    { $person }: <b>{ $amount }</b>
    Баланс: { $before } → { $after }
    Причина: { $reason }

    Пока ничего не изменилось. Вопрос действует 15 минут.
correct-confirm = ✅ Да, { $amount }
correct-cancel = ❌ Оставить как есть
correct-kept = Хорошо, баланс остаётся как есть.
corrected = ✓ Баланс { $person } изменён: { $amount }. Теперь на нём { $balance }, и человек об этом узнает.
person-how = 👤 Кого показать? После /person нужны @имя, id в Telegram или номер заказа либо счёта: <code>/person @anna</code>
person-not-found = 🔎 Такого человека нет: <code>{ $typed }</code> не встречалось нам ни как имя, ни как id, ни как заказ или счёт. Имена меняются: вернее искать по id или номеру заказа.
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
person-next = Поправить баланс: <code>/correct { $id } +5 причина</code>

# Всплывающие окна: не больше 200 знаков, без разметки.
error-unknown-user = Такого человека нет: он ни разу не писал боту. Проверьте номер.
error-owner-erased = Такой заказ есть, но данные о том, чей он, стёрты: в книгах остались только деньги, без имени.
error-correction-gone = Этот вопрос устарел, и ничего не изменилось. Отправьте /correct ещё раз: покажем всё заново.
error-correction-too-large = Это больше, чем можно за одну поправку. Ничего не изменилось. Поднять предел (в центах): python main.py settings correction_most_minor 100000
error-overdrawn = Столько списать нельзя: баланс стал бы меньше нуля. Сколько на нём есть, покажет /person. Ничего не изменилось.
