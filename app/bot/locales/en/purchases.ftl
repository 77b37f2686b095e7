purchases = 🧾 <b>Payments and orders</b>
purchases-none =
    🧾 <b>No payments yet</b>

    All your orders will be here: with a number, an amount and what became of them.
purchases-open = 💳 Open order No. { $number }
purchase = <b>No. { $number }</b> · { $date }
purchase-what = { $kind ->
    [top_up] Balance top-up
    [trial] Free trial, { $days }
    [gift] Gift, { $days }
    [for-another] 🎁 As a gift: { $title }, { $days }
    [extra-traffic] ➕ { $size } of traffic for No. { $subscription }
    [extra-devices] ➕ Devices +{ $devices } for No. { $subscription }
    [renewal] Auto-renewal: { $title }, { $days }
   *[plan] { $title }, { $days }
}
purchase-free = free
purchase-price = { $price }
purchase-paid = { $price }, { $method }
purchase-paid-partly = { $price }, { $method }, { $part } of it from the balance
purchase-method = { $method ->
    [cryptobot] with crypto
    [stars] with Stars ({ $charge })
    [balance] from the balance
   *[other] another way ({ $charge })
}
purchase-state = { $state ->
    [waiting] ⏳ waits for payment until { $until }
    [late] ⌛ time is up, checking for a payment
    [expired] ⌛ closed, nothing bought
    [cancelled] ✖️ cancelled
    [topped-up] ✅ paid, on the balance
    [gift] ✅ paid, the gift is ready
    [coming] ✅ paid, access on its way
    [adding] ✅ paid, being added
    [added] ✅ paid and added
    [delivered] ✅ paid and delivered
    [free-coming] ✅ access on its way
    [free-delivered] ✅ delivered
    [refunded-due] ↩️ refunded, money on its way back
    [refunded-done] ↩️ refunded the way it was paid
    [refunded-refused] ↩️ refunded, a human sees to the payout
   *[refunded-balance] ↩️ refunded to the balance
}
