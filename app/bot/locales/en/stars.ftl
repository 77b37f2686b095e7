stars-delayed =
    ⏳ <b>We have your Stars</b>

    It’s just that we’re on a short technical break. We’ll be back in a minute and do the rest ourselves: there’s no need to pay again.

# Shown in Telegram's payment window: at most 200 characters, no markup.
error-stars-gone = This order is closed, so no Stars were taken. Please pick a plan again: /plans
error-stars-paid = This order is already paid, there’s no need to pay twice. What you bought is in /subscription
error-stars-not-yours = This is somebody else’s order: only they can pay for it. Pick one of your own: /plans
error-stars-changed = The order has changed since, and so has its sum. No Stars were taken. Please pick a plan again: /plans
error-stars-unchecked = We couldn’t check the order in time, so no Stars were taken. Please try again in a minute.
