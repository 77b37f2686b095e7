refund-how =
    ↩️ <b>A refund</b>

    Write it like this: <code>/refund number reason</code>. The order’s number is in the person’s order history; the reason (up to { $longest } characters) stays in the audit log.

    First we’ll show what goes back and what is closed.
refund-preview = ↩️ <b>Refund this order?</b> Bought by { $person }
refund-preview-outside = 💫 Goes back the way it came: { $amount }
refund-preview-balance = { $sign ->
    [plus] 👛 To the balance: +{ $amount }
   *[other] 👛 From the balance: −{ $amount }
}
refund-preview-no-money = 👛 No money to return: only the access is closed
refund-preview-ends = 🔑 The access is closed at once
refund-preview-until = 🔑 The subscription stays until { $date }
refund-preview-no-access = 🔑 The access doesn’t change
refund-preview-reason = Reason: { $reason }
refund-confirm = ↩️ Refund
refund-cancel = ❌ Don’t refund
refund-done = ✅ <b>Refunded</b>. We’re letting the person know.
refund-done-payout = { $payout ->
    [done] The money went back the way it came.
    [due] The provider isn’t responding. We try every minute until it works: there’s nothing you need to do.
    [refused] The provider refused to return the payment, so the money stays on the balance. Details are in a separate message.
   *[none] What was returned is on the balance already.
}
refund-kept = All right, order { $number } stays as it is.

refunded = ↩️ <b>Your order was refunded</b>
refunded-free = 🔑 <b>This access was free, and we’ve closed it</b>
refunded-outside = 💫 { $amount } are going back the way they came. It usually takes less than a minute.
refunded-balance = 👛 { $amount } are on your balance: spend them on any plan.
refunded-until = Your subscription now runs until { $date }. Your key is the same.
refunded-ended = The access from this order is closed. Whenever you’d like to come back, you’re welcome: the plans are here.
refund-paid-out = 💫 <b>{ $amount } are yours again</b>. Thank you for your patience!
refund-refused =
    👛 <b>{ $amount } stayed on your balance</b>

    We couldn’t send the payment back the way it came. The money isn’t lost: you can pay for any plan with it. We know about it and will see what can be done.

operator-refund-refused =
    ❗️ <b>The provider refused to return a payment</b>

    Order { $number }, person { $person }, { $amount }. It says: <code>{ $error }</code>

    The access is closed, the money is on the person’s balance, and they know. It’s your call.
operator-refund-missing =
    ❗️ <b>More was returned than the balance held</b>

    The payment of order { $number } went back outside the bot, person { $person }. The access is closed, but { $amount } had been spent. It’s your call.
operator-refund-gift =
    ❗️ <b>A gift was refunded after it was taken</b>

    The payment of order { $number } went back outside the bot, person { $person }, { $amount }. The gift’s access still works: <code>/refund { $redemption }</code> with a reason closes it. It’s your call.

# Alerts: at most 200 characters, no markup.
refund-preview-gone = This question is out of date. Send /refund again and we’ll show everything anew.
error-refund-unknown = There’s no order with this number. It’s the first 8 characters, as in the person’s order history.
error-refund-ambiguous = Several orders begin like this. Give more of the number: all of it is in the table purchases.
error-refund-not-paid = This order wasn’t paid: there’s nothing to return.
error-refund-done-before = This order has been refunded already ✓
error-refund-spent = This money has left the balance: the person spent it. Refund what they bought with it first.
error-refund-no-method = This way to pay returns nothing, and the money is on the balance anyway. Pay the person back yourself and take it off with /correct.
