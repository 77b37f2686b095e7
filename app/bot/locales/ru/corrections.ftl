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
person-how = 👤 Кого показать? Например: <code>/person 1001</code>
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
    [needs_attention] ключ не выдаётся
   *[ended] закончилась
}
person-next = Поправить баланс: <code>/correct { $id } +5 причина</code>

# Всплывающие окна: не больше 200 знаков, без разметки.
error-person-unknown = Такого человека нет: он ни разу не писал боту. Проверьте номер.
error-correction-gone = Этот вопрос устарел, и ничего не изменилось. Отправьте /correct ещё раз: покажем всё заново.
error-correction-too-large = Это больше, чем можно за одну поправку. Ничего не изменилось. Поднять предел (в центах): python main.py settings correction_most_minor 100000
error-overdrawn = Столько списать нельзя: баланс стал бы меньше нуля. Сколько на нём есть, покажет /person. Ничего не изменилось.
