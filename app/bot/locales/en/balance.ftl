balance = 👛 <b>Balance: { $amount }</b>
balance-other = There is also { $amount } on it.
balance-use = You can pay for any plan with it: in full, or in part and the rest another way.
balance-kept = Paying from it is closed right now. The money stays yours.
balance-top-up = 💳 Top up
balance-history = 📜 History
top-up =
    💳 <b>Top up your balance</b>

    How much? You pick how to pay in the next step.
top-up-other = ✏️ Another amount
top-up-amount =
    ✏️ <b>How much?</b>

    Write it in one message, such as <code>12</code> or <code>12.50</code>. Anything from { $least } to { $most }.

    Changed your mind? /cancel
top-up-no-amount =
    We couldn’t read that amount 🙈

    Just write a number, such as <code>12</code> or <code>12.50</code>: from { $least } to { $most }. Or /cancel.
top-up-too-little = That’s too little: a top-up is from { $least } to { $most }. Write another amount, or /cancel.
top-up-too-much = That’s too much at once: a top-up is from { $least } to { $most }. Write another amount, or /cancel.
top-up-paid =
    👛 <b>{ $amount } added to your balance</b>

    The money is there. You can pay for any plan with it.
top-up-expired =
    ⌛ <b>This invoice is closed</b>

    If you did pay, nothing is lost: we’ll see the payment and put it on your balance. If not, just top up again.
top-up-refunded =
    ↩️ <b>The top-up of { $amount } was refunded</b>

    That money is no longer on your balance. “History” shows what moved and when.
history = 📜 <b>What moved on your balance</b>
history-none = Nothing here yet. Your first payment or top-up will show up here.
history-entry =
    <b>{ $amount }</b> · { $kind ->
        [payment] money received
        [sale] purchase
        [credit] left of your previous plan
        [refund] refund for a purchase
        [payout] sent back the way it came
        [referral] { $sign ->
            [minus] reward for a friend, taken back
           *[plus] reward for a friend
        }
        [promo] gift from a promo code
       *[correction] correction by the shop
    }
    { $date }
history-reason = Reason: { $reason }
payment-balance-short =
    ⚠️ <b>Your payment arrived, but the balance no longer covered the rest</b>

    A part of the price was to come from your balance, and while you were paying, that money went elsewhere. Received { $paid }, the order costs { $price }. Nothing is lost: all that arrived is on your balance. Pick the plan again and pay what’s left.
operator-payment-balance-short =
    ℹ️ <b>A payment that the balance no longer completed</b>

    Invoice <code>{ $invoice }</code>: received { $paid }, the order costs { $price }, person { $person }. The part from the balance was spent before. The money is on their balance, and they know.
balance-corrected-up =
    👛 <b>{ $amount } added to your balance</b>

    Reason: { $reason }
    You now have { $balance }.
balance-corrected-down =
    👛 <b>{ $amount } taken from your balance</b>

    Reason: { $reason }
    You now have { $balance }. If that looks wrong, write to support.

# Alerts: at most 200 characters, no markup.
top-up-paid-toast = Payment received ✓ It’s on your balance
error-top-up-amount = You can’t top up by that amount right now. Open “Balance” → “Top up” and pick another.
