renewed =
    🔄 <b>Your subscription is renewed until { $date }</b>

    { $price } was taken from your balance, { $balance } is left. Your key is the same: nothing to change in the app.
renewal-short =
    👛 <b>Not enough on your balance to renew</b>

    Renewing costs { $price }, your balance is { $balance }: { $missing } is missing. Your access stays on for { $left } more. Top up, and the subscription renews by itself.
renewal-changed =
    🔄 <b>Your plan’s terms have changed</b>

    It now costs { $price } for { $days }. We don’t charge for terms you haven’t agreed to, so it wasn’t renewed. Your access stays on for { $left } more: renew once yourself, and after that it renews by itself again.
renewal-top-up = 👛 Top up { $amount }
renewal-delayed =
    ⏳ <b>Your subscription is paid, the server is slow to answer</b>

    We keep trying to extend it there. Your key stays the same, and there’s nothing you need to do.
renewal-needs-attention =
    🛠 <b>We couldn’t extend your subscription automatically</b>

    A human is already on it. Your payment is safe, and your key stays the same. If you’d like to ask, support is right here.
paid-time-over =
    ⌛ <b>Your paid time is over</b>

    We’re leaving your access on for { $left } more. Renew now and nothing gets interrupted: your key stays the same, and the new days follow the paid ones.
reminder-renews =
    ⏰ <b>Your subscription renews soon</b>

    { $left } left, until { $date }. Then { $price } is taken from your balance and it goes on by itself: there’s nothing you need to do.
reminder-short =
    ⏰ <b>Your subscription ends soon</b>

    { $left } left, until { $date }. Renewing costs { $price }, and { $missing } is missing on your balance. Top up, and the subscription renews by itself.
reminder-changed =
    ⏰ <b>Your subscription ends soon</b>

    { $left } left, until { $date }. Your plan’s terms have changed: it’s now { $price } for { $days }. It won’t renew by itself this time: renew once yourself, and it goes on by itself from there.
reminder-paused =
    ⏰ <b>Your subscription ends soon</b>

    { $left } left, until { $date }. Automatic renewal is paused at the moment, so nothing is taken from your balance: renew it yourself in time, and your key stays the same.
renewal-paused =
    ⏰ <b>Your subscription ends soon</b>

    { $left } left. Automatic renewal is paused at the moment: renew it yourself in time, and your key stays the same.
error-nothing-to-renew = A trial or a gift can’t renew by itself: there’s no price yet. Buy any plan for it first, then turn this on.
operator-renewal-failed =
    ❗️ <b>An automatic renewal failed</b>

    Subscription { $subscription }, person <code>{ $person }</code>: an error on our side, nothing was charged. We’ll try again in the next round. Details are in the logs.
