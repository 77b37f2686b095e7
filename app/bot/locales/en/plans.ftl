plans = 💎 <b>Plans</b>
plans-offer =
    <b>{ $title }</b> — { $price }
    { $traffic } · { $devices }
plans-choose = Pick a term and the invoice opens right away. If you already have a subscription, the new days are added to what’s left.
plans-button = { $title } · { $price }
plans-none =
    Nothing is on sale right now — we’re updating the plans.

    Please check back a little later. In a hurry? Write to support.

traffic-limited = { $size } of traffic
traffic-unlimited = unlimited traffic
devices = { $count ->
    [one] { $count } device
   *[other] up to { $count } devices
}
devices-unlimited = as many devices as you like
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
