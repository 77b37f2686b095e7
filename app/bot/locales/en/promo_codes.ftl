command-promo = Enter a promo code
button-promo = 🏷 Promo code
promo-ask =
    🏷 <b>Promo code</b>

    Send it in one message — capital or small letters, it doesn’t matter.

    Changed your mind? /cancel
promo-again = Try again: send another code as a message.
promo-to-order = ‹ To the order
promo-remove = 🗑 Remove the code { $code }
promo-not-applied = 🏷 The code <code>{ $code }</code> doesn’t count for this order: it may be over, used up, or meant for something else.
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
    } of access. { $issued ->
        [yes] The details will arrive here, usually in less than a minute.
       *[no] { -keys-on-hold }
    }
promo-trial-days =
    🎉 <b>Promo code { $code } accepted</b>

    Your free trial will be { $days ->
        [one] { $days } day
       *[other] { $days } days
    } longer. Start it whenever you like.

# Shown in alerts too: at most 200 characters, no markup.
promo-removed-toast = Code removed: the usual price is back
error-promo-refused = This code doesn’t work here. Check it for typos: it may also be over, used up, or meant for something else. After several tries, wait an hour.
