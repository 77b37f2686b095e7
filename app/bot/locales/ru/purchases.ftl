purchases = 🧾 <b>Платежи и заказы</b>
purchases-none =
    🧾 <b>Платежей пока нет</b>

    Здесь будут все ваши заказы: с номером, суммой и тем, что с ними стало.
purchases-open = 💳 Открыть заказ № { $number }
purchase = <b>№ { $number }</b> · { $date }
purchase-what = { $kind ->
    [top_up] Пополнение баланса
    [trial] Пробный доступ, { $days }
    [gift] Подарок, { $days }
    [for-another] 🎁 В подарок: { $title }, { $days }
    [extra-traffic] ➕ { $size } трафика для № { $subscription }
    [extra-devices] ➕ Устройства +{ $devices } для № { $subscription }
    [renewal] Автопродление: { $title }, { $days }
   *[plan] { $title }, { $days }
}
purchase-free = бесплатно
purchase-price = { $price }
purchase-paid = { $price }, { $method }
purchase-paid-partly = { $price }, { $method }, из них { $part } с баланса
purchase-method = { $method ->
    [cryptobot] криптовалютой
    [stars] звёздами ({ $charge })
    [balance] с баланса
   *[other] другим способом ({ $charge })
}
purchase-state = { $state ->
    [waiting] ⏳ ждёт оплаты до { $until }
    [late] ⌛ время вышло, проверяем, нет ли оплаты
    [expired] ⌛ закрыт, покупки не было
    [cancelled] ✖️ отменён
    [topped-up] ✅ оплачено, деньги на балансе
    [gift] ✅ оплачено, подарок готов
    [coming] ✅ оплачено, доступ готовится
    [adding] ✅ оплачено, добавляем
    [added] ✅ оплачено и добавлено
    [delivered] ✅ оплачено, доступ выдан
    [free-coming] ✅ доступ готовится
    [free-delivered] ✅ доступ выдан
    [refunded-due] ↩️ возвращено, деньги идут обратно
    [refunded-done] ↩️ возвращено тем же путём, каким платили
    [refunded-refused] ↩️ возвращено, с выплатой разбирается человек
   *[refunded-balance] ↩️ возвращено на баланс
}
