plans = 💎 <b>Plans</b>
plans-for = 💎 <b>Plans for subscription No. { $number }</b>
plans-offer =
    <b>{ $title }</b> — from { $price } a month
    { $traffic } · { $devices }
plans-choose = Pick a plan and we’ll show its terms and prices.
plans-button = { $title } · from { $price }
plan = 💎 <b>{ $title }</b>
plan-term =
    <b>{ $term }</b> — { $price }
    { $traffic } · { $devices }
plan-choose = For how long? If you already have a subscription, the new days are added to what’s left.
plan-choose-for = For how long? This is for subscription No. { $number }: the order shows the result before you pay.
plan-button = { $term } · { $price }
plan-button-saving = { $term } · { $price } · −{ $saved }%
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
minutes = { $count ->
    [0] less than a minute
    [one] { $count } minute
   *[other] { $count } minutes
}
months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
