plans = 💎 <b>Тарифы</b>
plans-for = 💎 <b>Тарифы для подписки № { $number }</b>
plans-offer =
    <b>{ $title }</b> — от { $price } в месяц
    { $traffic } · { $devices }
plans-choose = Выберите тариф — дальше покажем сроки и цены.
plans-button = { $title } · от { $price }
plan = 💎 <b>{ $title }</b>
plan-term =
    <b>{ $term }</b> — { $price }
    { $traffic } · { $devices }
plan-choose = На какой срок? Если подписка уже есть, новые дни прибавятся к оставшимся.
plan-choose-for = На какой срок? Это для подписки № { $number }: что получится, заказ покажет до оплаты.
plan-button = { $term } · { $price }
plan-button-saving = { $term } · { $price } · −{ $saved } %
plans-none =
    Сейчас ничего не продаётся — обновляем тарифы.

    Загляните чуть позже. Если нужно срочно, напишите в поддержку.

traffic-limited = { $size } трафика
traffic-unlimited = безлимитный трафик
devices = { $count ->
    [1] 1 устройство
    [one] до { $count } устройства
   *[other] до { $count } устройств
}
devices-unlimited = сколько угодно устройств
days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[many] { $count } дней
}
hours = { $count ->
    [one] { $count } час
    [few] { $count } часа
   *[many] { $count } часов
}
minutes = { $count ->
    [0] меньше минуты
    [one] { $count } минута
    [few] { $count } минуты
   *[many] { $count } минут
}
months = { $count ->
    [one] { $count } месяц
    [few] { $count } месяца
   *[many] { $count } месяцев
}
