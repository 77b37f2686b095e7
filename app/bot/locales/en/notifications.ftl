payment-short =
    ⚠️ <b>Less arrived than needed</b>

    We received { $paid }, but the order costs { $price }. The money isn’t lost: it’s on your balance. We see the payment and will sort it out; to speed things up, write to support.
payment-second =
    ⚠️ <b>This order was already paid</b>

    Now another { $paid } has arrived (the order costs { $price }). The money isn’t lost: it’s on your balance. We see the payment and will sort it out; to speed things up, write to support.
key-ready =
    🎉 <b>Your key is ready!</b>

    It’s valid until <b>{ $date }</b>. Tap the key to copy it, or scan the code:
key-paid = ✅ Payment received: <b>{ $price }</b>
key-ready-next = All that’s left is to connect. Which device is it?
key-delayed =
    ⏳ <b>Your key is delayed</b>

    We have your payment. { $issued ->
        [yes] The server isn’t responding yet, and we keep trying: the key will arrive here by itself, there’s nothing you need to do.
       *[no] { -keys-on-hold }
    }
key-needs-attention =
    🛠 <b>We couldn’t issue your key automatically</b>

    A human is already on it. Your payment is safe, and the key will arrive here. If you’d like to ask, support is right here.
answer-late = Telegram asked us to stay quiet for a while, so this answer is late. Sorry for the wait!
group-crowded = Lots of messages here at once: Telegram lets us send 20 a minute in a group, so some went unanswered. If yours did, send it again in a minute 🙏
payment-changed =
    ⚠️ <b>Your money arrived, but the order is out of date</b>

    While you were paying, your subscription changed, so the credit in the order no longer holds. Received { $paid }, the order was { $price }. The money is on your balance: pick the plan again and pay from it.
payment-offer-over =
    👛 <b>Your money is here, but this offer is over</b>

    We received { $paid } for an order at { $price }. Its terms no longer hold: the promo code has been used, or the order’s time was up. Nothing is lost: the money is on your balance.

    Today the same costs { $today }. The button opens the order with your balance already in it.
payment-offer-gone =
    👛 <b>Your money is here, but this offer is over</b>

    We received { $paid } for an order at { $price }. What was in it isn’t on sale any more. Nothing is lost: the money is on your balance, and any other plan can be paid with it.
payment-offer-buy = 👛 Buy with my balance
topped-up =
    👛 <b>{ $amount } added to your balance</b>

    You now have { $balance }. You can pay for any plan with it.
subscription-extended =
    ✅ <b>Done, your subscription runs until { $date }</b>

    Your key is the same: nothing to change in the app.
notification-subscription = Subscription No. { $number }
notification-subscriptions = 🔑 My subscriptions
