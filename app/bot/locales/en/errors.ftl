# Shown in alerts too: at most 200 characters, no markup.
error-unexpected = Something broke, and it’s on our side 😔 We already know. Please try again a little later.
error-unavailable = This is temporarily unavailable. Please try again in a minute.
error-database = We’ll be back in a minute: a short technical break. Your keys and payments are safe, just try again shortly.
error-busy = That’s fast, even for us 😅 Wait a few seconds and try again.
error-group-restricted = We’re not allowed to write in this group. Please ask its admins to let us send messages here, and tap again.
error-plan-gone = This plan is no longer on sale. Open “Buy VPN” to see everything we have now.
error-purchase-gone = This order is already closed. If you’ve paid for it, the key will come by itself. For a new one, open “Buy VPN”.
still-working = This is taking longer than usual, but we’re still on it: the result will arrive here. Just a little more patience 🙏
error-subscription-gone = This subscription isn’t among yours. “My subscription” shows everything you have now.
error-method-closed = This way to pay is closed right now. Please pick another one.
error-onchain-too-many = You have many open invoices for a transfer already. Pay one of them, or pick another way to pay.
error-offer-over = This order’s terms no longer hold, so nothing was charged. Open “Buy VPN” and pick the plan again: you’ll see what it costs today.
error-balance-short = There isn’t enough on your balance. Top it up or pick another way to pay.
