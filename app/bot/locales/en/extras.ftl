extra-traffic-button = ➕ More traffic
extra-devices-button = ➕ More devices
extra-traffic =
    ➕ <b>More traffic for subscription No. { $number }</b>

    It’s added right after you pay, and your key stays the same. It’s used after your plan’s traffic, and what’s left of it stays as long as your subscription runs: a renewal keeps it.
extra-devices =
    ➕ <b>More devices for subscription No. { $number }</b>

    They count until <b>{ $date }</b>, the end of the time you’ve paid for, and you pay for just those days. A renewal doesn’t include them: add them again then if you like.
extra-traffic-choose = { $size } · { $price }
extra-devices-choose = { $count ->
    [one] { $count } device more · { $price }
   *[other] { $count } devices more · { $price }
}
extra-none =
    Nothing can be added to this subscription right now.

    “My subscription” shows how it stands. More traffic and devices also come with other plans.
extra-order-traffic =
    ➕ <b>{ $size } of traffic for subscription No. { $number }</b>

    It’s used after your plan’s traffic, and what’s left of it stays as long as your subscription runs: a renewal keeps it.
extra-order-devices = { $count ->
    [one] ➕ <b>{ $count } device more for subscription No. { $number }</b>
   *[other] ➕ <b>{ $count } devices more for subscription No. { $number }</b>
}
extra-order-until = Paid by the day: { $days }, until <b>{ $date }</b>. A renewal doesn’t include them: add them again then if you like.
extra-order-limit = 📊 Traffic in all: { $before } → { $after }
extra-order-places = 📱 Devices at once: { $before } → { $after }
extra-invoice-traffic = VPN: { $size } more
extra-invoice-devices = VPN: devices +{ $count }
extra-invoice-description = For subscription No. { $number }
extra-follows = { $issued ->
    [yes] We’re adding it on the server — we’ll write here, usually in less than a minute. Your key stays the same.
    [late] The server isn’t responding yet. We keep trying and will write here: there’s nothing you need to do.
    [done] It’s added: “My subscription” shows it.
   *[no] We’ll add it by ourselves as soon as we work with the server again. Your key stays the same, and there’s nothing you need to do.
}
extra-paid =
    ✅ <b>Payment received: { $price }</b>

    Thank you! { $follows }
extra-delivered-traffic =
    ✅ <b>{ $size } of traffic added</b>

    Subscription No. { $number } now has { $limit } in all, including what’s already used. Your key is the same: nothing to change in the app.
extra-delivered-devices = { $count ->
    [one] ✅ <b>One more device until { $date }</b>
   *[other] ✅ <b>{ $count } more devices until { $date }</b>
}
extra-delivered-places = { $limit ->
    [one] { $limit } device can use subscription No. { $number } now. Just add the same key on the new one.
   *[other] Up to { $limit } devices can use subscription No. { $number } now. Just add the same key on the new one.
}
extra-devices-over =
    📱 <b>The extra devices have ended</b>

    Your subscription goes on with { $devices }. If more of them are in use, remove the ones you don’t need, so that none is shut out.
extra-delayed =
    ⏳ <b>We have your payment, the server is slow to answer</b>

    We keep trying to add what you bought. Your key works as before, and there’s nothing you need to do.
extra-needs-attention =
    🛠 <b>We couldn’t add what you bought automatically</b>

    A human is already on it. Your payment is safe, and your key works as before. If you’d like to ask, support is right here.
extra-adding = { $state ->
    [hold] ⏸ We’ll add what you bought by ourselves as soon as we work with the server again. Your key works as before.
    [attention] 🛠 There’s a hitch: the server hasn’t taken what you bought yet. We know and are on it. Your key works as before.
    [late] ⏳ What you bought hasn’t reached the server yet: it isn’t responding. We keep trying. Your key works as before.
   *[soon] ⏳ We’re adding what you bought on the server: that usually takes less than a minute. Your key works as before.
}
extra-over =
    👛 <b>Your money is here, but there’s nothing to add</b>

    { $kind ->
        [traffic] We received { $paid } for more traffic at { $price }.
       *[devices] We received { $paid } for more devices at { $price }.
    } { $reason ->
        [ended] By then the time that it was for had ended.
       *[changed] By then that offer was over, or had become dearer.
    } Nothing is lost: the money is on your balance, and you can buy anything with it.
extra-refunded =
    ↩️ <b>This order was refunded</b>

    What it added is taken back. Your subscription goes on as before.
extra-in-use = { $count ->
    [one] ➕ { $count } of them is extra, until { $date }
   *[other] ➕ { $count } of them are extra, until { $date }
}
extra-beside = { $count ->
    [one] ➕ and { $count } extra device until { $date }: this order doesn’t prolong it
   *[other] ➕ and { $count } extra devices until { $date }: this order doesn’t prolong them
}

# Alerts: at most 200 characters, no markup.
error-extra-gone = This can’t be added to your subscription right now. “My subscription” shows how it stands.
extra-paid-toast = Paid ✓ We’re adding it
