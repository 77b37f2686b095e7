plans = 💎 <b>Тарифы</b>
plans-offer =
    <b>{ $title }</b> — { $price }
    { $traffic } · { $devices }
plans-choose = Выберите срок, и счёт откроется сразу. Если подписка уже есть, новые дни прибавятся к оставшимся.
plans-button = { $title } · { $price }
plans-none =
    Сейчас ничего не продаётся — обновляем тарифы.

    Загляните чуть позже. Если нужно срочно, напишите в поддержку.

traffic-limited = { $size } трафика
traffic-unlimited = безлимитный трафик
devices = { $count ->
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
