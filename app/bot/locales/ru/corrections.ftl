correct-how =
    ✏️ <b>Поправка баланса</b>

    <code>/correct 1001 +5 за простой</code> — зачислить
    <code>/correct 1001 -2,50 ошибочное начисление</code> — списать

    Сумма со знаком, валюта — { $currency }. Причину человек увидит. Кто есть кто: <code>/person 1001</code>.
correct-long-reason = Причина длинновата: помещается { $limit ->
    [one] { $limit } знак
    [few] { $limit } знака
   *[many] { $limit } знаков
}. Сократите, пожалуйста. Баланс не изменился.
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
error-overdrawn = Столько списать нельзя: баланс стал бы меньше нуля. Сколько на нём есть, покажет /person. Ничего не изменилось.
