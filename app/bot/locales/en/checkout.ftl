checkout =
    🧾 <b>{ $title }</b>

    • { $days ->
        [one] { $days } day
       *[other] { $days } days
    } of access
    • { $traffic }
    • { $devices }

    To pay: <b>{ $price }</b>
    { $deadline }

    Tap “Pay” to open the invoice in @CryptoBot. Then come back: your key will arrive here by itself.
checkout-deadline = { $minutes ->
    [0] The invoice is about to close.
    [one] The invoice stays open for { $minutes } more minute, until { $time } UTC.
   *[other] The invoice stays open for { $minutes } more minutes, until { $time } UTC.
}
checkout-pay = 💳 Pay { $price }
checkout-confirm = ✅ I have paid
checkout-cancel = ❌ Cancel the order
checkout-description = VPN: { $title } ({ $days ->
    [one] { $days } day
   *[other] { $days } days
})
checkout-paid =
    ✅ <b>Payment received: { $price }</b>

    Thank you! We’re preparing your key — it will arrive here, usually in less than a minute.
checkout-expired =
    ⌛ <b>This invoice is closed</b>

    If you managed to pay, nothing is lost: we’ll see the payment and send your key. If not, just pick a plan again.
checkout-provider-away =
    😔 <b>We couldn’t open an invoice</b>

    Crypto Pay isn’t responding right now. You haven’t been charged. Please try again in a couple of minutes.

# Alerts: at most 200 characters, no markup.
checkout-paid-toast = Paid ✓ Your key is on its way
checkout-cancelled-toast = Order cancelled
checkout-not-paid-yet = No payment to be seen yet: it can take a minute or two. Wait a moment and tap again. If you’ve paid already, the key will come by itself 🙂
checkout-cannot-ask = Crypto Pay isn’t responding, so we couldn’t check. If you’ve paid, nothing is lost: your key will come by itself.
checkout-not-open = Sales open soon: we’re still setting up payments. Please check back a little later 🙏
