checkout-cryptobot =
    To pay: <b>{ $price }</b>
    { $deadline }

    Tap “Pay” to open the invoice in @CryptoBot. Then come back: we’ll do the rest.
checkout-stars =
    To pay: <b>{ $price }</b>
    { $deadline }

    Tap “Pay”, and Telegram takes the Stars itself. If you have too few, it offers to top them up right there.
checkout-top-up = 👛 <b>Adding { $amount } to your balance</b>
checkout-deadline = { $minutes ->
    [0] The invoice is about to close.
    [one] The invoice stays open for { $minutes } more minute, until { $until }.
   *[other] The invoice stays open for { $minutes } more minutes, until { $until }.
}
checkout-pay = 💳 Pay { $price }
checkout-confirm = ✅ Already paid
checkout-cancel = ❌ Cancel the order
checkout-description = VPN: { $title } ({ $days ->
    [one] { $days } day
   *[other] { $days } days
})
-keys-on-hold = We’re not issuing keys right now. Yours will arrive here by itself as soon as we do again: there’s nothing you need to do.
-term-on-hold = Your new term hasn’t reached the server yet. We’ll enter it by ourselves as soon as we work with the server again. Your key stays the same, and there’s nothing you need to do.
checkout-paid =
    ✅ <b>Payment received: { $price }</b>

    Thank you! { $follows }
checkout-free =
    ✅ <b>Order confirmed, nothing to pay</b>

    { $follows }
checkout-follows = { $issued ->
    [yes] { $has_key ->
        [yes] We’re entering your new term on the server — we’ll write here, usually in less than a minute. Your key stays the same.
       *[no] We’re preparing your access — we’ll write here, usually in less than a minute.
    }
    [late] The server isn’t responding yet. We keep trying and will write here: there’s nothing you need to do.
    [done] All about your access is in “My subscription”.
   *[no] { $has_key ->
        [yes] { -term-on-hold }
       *[no] { -keys-on-hold }
    }
}
checkout-expired =
    ⌛ <b>This invoice is closed</b>

    If you managed to pay, nothing is lost: we’ll see the payment and send everything here, or put the money on your balance if the offer is over. If not, just pick a plan again.
checkout-provider-away =
    😔 <b>We couldn’t open an invoice</b>

    This way to pay isn’t responding right now. You haven’t been charged. Please try again in a couple of minutes, or pick another way to pay.

# Alerts: at most 200 characters, no markup.
checkout-paid-toast = Paid ✓ Your access is on its way
checkout-cancelled-toast = Order cancelled
checkout-not-paid-yet = We don’t see a payment yet: it can take a minute or two. Wait a moment and tap again. If you’ve paid already, the key will come by itself 🙂
checkout-cannot-ask = The payment system isn’t responding, so we couldn’t check. If you’ve paid, nothing is lost: your key will come by itself.
checkout-not-open = Sales open soon: we’re still setting up payments. Please check back a little later 🙏
checkout-other-method = ↔️ Pay another way
checkout-top-up-title = Balance top-up
checkout-top-up-description = Balance in the VPN shop: { $price }
checkout-refunded =
    ↩️ <b>This order was refunded</b>

    The access it gave is closed. Whenever you’d like to come back, the plans are here.
checkout-panel-away =
    😔 <b>We couldn’t work out what’s left</b>

    The server isn’t responding, and without it we can’t tell how much of your current plan is left. Nothing was charged or changed. Please try again in a couple of minutes.
