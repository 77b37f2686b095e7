command-promo = Enter a promo code
button-promo = 🏷 Promo code
promo-ask =
    🏷 <b>Promo code</b>

    Send it in one message — capital or small letters, it doesn’t matter.

    Changed your mind? /cancel
promo-again = Try again: send another code as a message.
promo-to-order = ‹ To the order
promo-remove = 🗑 Remove the code { $code }
promo-not-applied = 🏷 The code <code>{ $code }</code> didn’t work here. { $reason }
promo-percent =
    🏷 <b>Promo code { $code } accepted</b>

    { $percent ->
        [100] Your next order is free.
       *[other] Your next order is { $percent }% cheaper.
    } The discount is applied by itself: pick a plan!
promo-amount =
    🏷 <b>Promo code { $code } accepted</b>

    Your next order is { $amount } cheaper: the discount is applied by itself. Pick a plan!
promo-balance =
    🎉 <b>Promo code { $code } accepted</b>

    We’ve added { $amount } to your balance. Spend it on any plan you like.
promo-days =
    🎉 <b>Promo code { $code } accepted</b>

    You get { $days ->
        [one] { $days } day
       *[other] { $days } days
    } of access. The details will arrive here, usually in less than a minute.
promo-trial-days =
    🎉 <b>Promo code { $code } accepted</b>

    Your free trial will be { $days ->
        [one] { $days } day
       *[other] { $days } days
    } longer. Start it whenever you like.

# Shown in alerts too: at most 200 characters, no markup.
promo-removed-toast = Code removed: the usual price is back
error-promo-unknown = There’s no such promo code. Please check it for typos.
error-promo-early = This promo code isn’t valid yet. Check back a little later.
error-promo-over = This promo code is no longer valid.
error-promo-used-up = This promo code is used up: others were faster.
error-promo-used = You’ve already used this promo code.
error-promo-plan = This promo code is for another plan: it doesn’t fit this order.
error-promo-trial = This promo code makes the free trial longer, and that’s for newcomers only.
