operator-unknown = неизвестно

operator-payment-unmatched =
    ❗️ <b>Платёж без заказа</b>

    Счёт <code>{ $invoice }</code>, пришло { $paid }. Такого заказа у нас нет.

    Найдите его в @CryptoBot или среди платежей Stars: возможно, он выставлен не этим сервисом.
operator-payment-foreign =
    ❗️ <b>Платёж не сходится с заказом</b>

    Счёт <code>{ $invoice }</code>: пришло { $paid }, заказ стоит { $price }, человек { $person }.

    Валюта или владелец не те, поэтому ничего не зачислено и ключ не выдан. Решение за вами.
operator-payment-second =
    ❗️ <b>Заказ оплачен второй раз</b>

    Счёт <code>{ $invoice }</code>: пришло { $paid }, заказ стоит { $price }, человек { $person }.

    Деньги на балансе человека. Верните их или зачтите: решение за вами.
operator-payment-short =
    ❗️ <b>Недоплата</b>

    Счёт <code>{ $invoice }</code>: пришло { $paid }, заказ стоит { $price }, человек { $person }.

    Деньги на балансе человека, ключ не выдан. Решение за вами.
operator-payment-over =
    ℹ️ <b>Переплата</b>

    Счёт <code>{ $invoice }</code>: пришло { $paid }, заказ стоит { $price }, человек { $person }.

    Ключ выдаётся, разница осталась на балансе человека.
operator-payment-unbooked =
    ❗️ <b>Платёж, о котором Telegram не знает</b>

    Платёж <code>{ $invoice }</code>, { $paid }, человек { $person }: о нём нам сообщили, а в счёте звёзд бота его нет.

    Доступ остался как есть. Проверьте этого человека; если платежа не было, сразу смените WEBHOOK_SECRET: его кто-то знает.
operator-payment-erased =
    ❗️ <b>Платёж от того, кто стёр свои данные</b>

    { $provider ->
        [stars] Звёзды Telegram
       *[other] Crypto Pay
    }, счёт <code>{ $invoice }</code>: пришло { $paid }. Владельца заказа больше нет, поэтому ключ не выдан. Деньги записаны в книги без имени.

    Если напишут в поддержку, найдите платёж по счёту и верните его { $provider ->
        [stars] звёздами.
       *[other] в @CryptoBot.
    }
operator-event-malformed =
    ❗️ <b>Нечитаемое сообщение о платеже</b>

    Оно точно от { $provider ->
        [stars] Telegram
       *[other] Crypto Pay
    }, но прочитать не вышло. Похоже, в нём: счёт <code>{ $invoice }</code>, { $paid }. Событие сохранено, сверьте { $provider ->
        [stars] последние платежи бота звёздами.
       *[other] последние платежи в @CryptoBot.
    }
operator-event-unclear =
    ❗️ <b>Непонятное сообщение о платеже</b>

    Счёт <code>{ $invoice }</code>, { $paid }: провайдер ответил незнакомым словом, поэтому ничего не зачислено. Событие сохранено. Если счёт наш и оплачен, опрос зачтёт его за минуту; если нет — посмотрите его в @CryptoBot.
operator-event-failed =
    ❗️ <b>Платёж не обработался</b>

    Счёт <code>{ $invoice }</code>, пришло { $paid }: в обработке ошибка. Событие сохранено, опрос попробует ещё раз. Подробности — в логах.
operator-webhook-silent =
    ⚠️ <b>О платеже не сообщили</b>

    Оплату счёта <code>{ $invoice }</code> нашёл опрос. С заказом всё в порядке, но { $provider ->
        [stars] посмотрите, доходят ли до бота обновления: python main.py doctor.
       *[other] проверьте вебхук: @CryptoBot → Crypto Pay → My Apps → Webhooks.
    }
operator-activation =
    🛠 <b>Ключ не выдаётся</b>

    Подписка { $subscription }, человек { $person }, попыток: { $attempts }.
    { $reason ->
        [refused] Панель отказывает:
       *[other] Панель не отвечает:
    } <code>{ $error }</code>

    Проверьте панель и нажмите кнопку. Сами пробуем раз в 15 минут.
operator-panel-unfit =
    🛠 <b>VPN-панель не подходит</b>

    <code>{ $error }</code>

    Заказы принимаются и ждут ключей. Когда исправите, проверьте: <code>python main.py doctor</code>.
operator-removal =
    🛠 <b>Ключ не удаляется с панели</b>

    Подписка { $subscription } закончилась, человек { $person }.
    Панель отвечает: <code>{ $error }</code>

    Пробуем раз в 15 минут. Проверьте панель: до тех пор ключ работает.
operator-moved = 🚚 Подписка № { $subscription } ({ $person }) перенесена на панель <b>{ $panel }</b>. Новый ключ уже отправляем в чат, после этого старый отключится.
operator-move-given-up =
    🚚 <b>Подписка № { $subscription } остаётся на своей панели</b>

    Перенести её ({ $person }) на панель <b>{ $panel }</b> не вышло: <code>{ $error }</code>

    Она работает как раньше. Когда исправите, перенесите ещё раз или на другую панель.
operator-panel-move-ended =
    🚚 <b>Перенос с панели { $panel } закончен</b>

    Перенесено: { $moved }.{ $failed ->
        [0] { "" }
       *[other] { " " }Не вышло: { $failed }. Они остались там и работают. Исправьте, о чём пишет журнал (move_given_up), и повторите: <code>python main.py panels move { $panel }</code>
    }
operator-panel-move-stuck =
    🚚 <b>Перенос с панели { $panel } ждёт</b>

    Нет другой открытой и работающей панели с местом, которую допускают тарифы. Откройте её или поднимите предел, и перенос продолжится сам: <code>python main.py panels list</code>
operator-plan-move-ended =
    🚚 <b>Тариф { $plan } перенесён на свои панели</b>

    Перенесено: { $moved }.{ $failed ->
        [0] { "" }
       *[other] { " " }Не вышло: { $failed }. Они остались на месте и работают. Исправьте, о чём пишет журнал (move_given_up), и повторите: <code>python main.py plans panel { $plan } --move</code>
    }
operator-plan-move-stuck =
    🚚 <b>Тариф { $plan } ждёт переноса</b>

    Среди его панелей нет открытой и работающей, на которой есть место. Откройте панель или поднимите предел, и перенос продолжится сам: <code>python main.py panels list</code>
operator-panel-drift = 🔎 <b>Панель { $panel } расходится с магазином</b>
operator-panel-drift-orphan = • есть на панели, подписки нет: { $count }
operator-panel-drift-missing = • оплачено, на панели нет: { $count }
operator-panel-drift-wrong-expiry = • на панели другой срок: { $count }
operator-panel-drift-disabled = • оплачено, на панели отключено: { $count }
operator-panel-drift-foreign = • созданы не магазином: { $count }
operator-panel-drift-next = Ничего не изменено. Какие именно и чем исправить: <code>python main.py panel drift { $panel }</code>
operator-update-kept =
    ⚠️ <b>Ошибка в обработчике</b>

    Обновление <code>{ $update }</code> сохранено в таблице failed_updates, причина рядом с ним. Человек извещён. Следующий час об этом молчим.
operator-unsent =
    ⚠️ <b>Сообщение не ушло</b>

    Telegram не принял «{ $message }» для { $person }. Причина — в таблице outbox. Напишите человеку сами, если это срочно.

operator-retry = 🔄 Попробовать сейчас
operator-answered = ✓ Ответ передан.

# Всплывающие окна: не больше 200 знаков, без разметки.
operator-retried = Пробуем ещё раз ✓
operator-nothing-to-retry = Повторять нечего: ключ уже выдан или подписка закончилась.
operator-not-a-question = Это сообщение не вопрос. Чтобы ответить человеку, ответьте на сообщение с его вопросом.
operator-payment-changed =
    ℹ️ <b>Оплата смены тарифа, которая устарела</b>

    Счёт <code>{ $invoice }</code>: пришло { $paid }, заказ стоит { $price }, человек { $person }. Деньги на его балансе, он об этом знает.
operator-payment-offer-over =
    ℹ️ <b>Оплата предложения, которое закончилось</b>

    Счёт <code>{ $invoice }</code>: пришло { $paid }, заказ стоит { $price }, человек { $person }. Промокод исчерпан, время заказа вышло или тариф снят с продажи, а сегодня это стоит дороже. Деньги на его балансе, и он знает, как купить с него.
