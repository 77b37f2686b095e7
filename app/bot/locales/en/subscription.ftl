subscription = 🔑 <b>Your subscription</b>
subscription-until = 📅 Until <b>{ $date }</b> — { $left } left
subscription-traffic =
    📊 { $used } of { $limit }
    { $bar }
subscription-traffic-unlimited = 📊 { $used } used, traffic is unlimited
subscription-traffic-unknown = 📊 Traffic used is unknown right now — check back a little later
subscription-devices = 📱 { $devices }
subscription-key = Your key — tap to copy:
subscription-key-works = Your key stays the same — tap to copy:
subscription-pending = { $state ->
    [hold] ⏸ { -keys-on-hold }
    [attention] 🛠 There’s a hitch with your key: the server hasn’t accepted it yet. We know and are on it: your access isn’t going anywhere, and the key will arrive here by itself. There’s nothing you need to do.
    [late] ⏳ Your key is delayed: the server isn’t responding yet. We keep trying, and the key will arrive here by itself. There’s nothing you need to do.
   *[soon] ⏳ Your key is being prepared. It usually takes less than a minute and arrives here by itself.
}
subscription-extending = { $state ->
    [hold] ⏸ { -term-on-hold }
    [attention] 🛠 There’s a hitch: the server hasn’t accepted your new term yet. We know and are on it. Your key stays the same, and there’s nothing you need to do.
    [late] ⏳ Your new term hasn’t reached the server yet: it isn’t responding. We keep trying. Your key stays the same, and there’s nothing you need to do.
   *[soon] ⏳ We’re entering your new term on the server: that usually takes less than a minute. Your key stays the same.
}
subscription-updating = ⏳ We’re bringing the server up to date. Your key stays the same, and there’s nothing you need to do.
subscription-waits = { $paid ->
    [yes] ✅ Paid at { $at }
   *[no] 🕐 Waiting since { $at }
}
subscription-paid-until = { $paid ->
    [yes] 📅 Paid until <b>{ $date }</b>
   *[no] 📅 Extended until <b>{ $date }</b>
}
subscription-none =
    You don’t have a subscription yet.

    Pick a plan — your key arrives here right after you pay ✨
subscription-ended =
    ⌛ <b>Your subscription has ended</b>

    Renew for the same term in one tap, or pick another plan: your access is back right after you pay.
subscription-ended-trial =
    ⌛ <b>Your subscription has ended</b>

    To get back online, pick a plan: your key arrives right after you pay.
reminder =
    ⏰ <b>Your subscription ends soon</b>

    { $left } left, until { $date }. Renew in time: the days are added to what’s left, and your key stays the same.
subscription-qr = 🔳 Point your app’s camera at the code and the key adds itself. Keep it to yourself: it’s your personal access.
subscription-no-qr = This key is too long for a QR code. Tap to copy it:
subscription-name = 💎 { $title } · No. { $number }
subscription-trial = Free trial
subscription-gift = Gift
subscription-grace = ⏳ The time you paid for is over. Access stays on until <b>{ $date }</b> — { $left } more. Renew so that it isn’t cut off.
subscription-renews = ♻️ Renews itself from your balance: { $price }
subscription-renews-short = ⚠️ Auto-renewal is on, but { $missing } is missing on your balance
subscription-renews-changed = ⚠️ Your plan’s terms have changed: it’s now { $price } for { $days }. It won’t renew by itself: renew once yourself
subscription-new-link = { $state ->
    [hold] ⏸ { -keys-on-hold } Until then the old one works.
    [attention] 🛠 There’s a hitch with your new key: the server hasn’t accepted it yet. We know and are on it: it will arrive here by itself, and until then the old one works.
    [late] ⏳ Your new key is delayed: the server isn’t responding yet. We keep trying, and the key will arrive here by itself. Until then the old one works.
   *[soon] 🔁 We’re replacing your key: the new one will arrive here, and the old one will stop working. It usually takes less than a minute.
}
subscription-new-link-here = 🔁 Your new key works already. We’re still switching the old one off.
subscription-renewal-paused = ⏸ Auto-renewal is paused for now: please renew it yourself in time
subscription-renew-link = 🔁 New key
subscription-change-plan = ↕️ Change plan
subscription-auto-renew = ♻️ Turn auto-renewal on
subscription-no-auto-renew = ⏸ Turn auto-renewal off
subscription-all = ‹ All subscriptions
subscriptions = 🔑 <b>Your subscriptions</b>
subscriptions-pending = { $paid ->
    [yes] ⏳ Paid, the key is still to come
   *[no] ⏳ The key is still to come
}
subscriptions-attention = { $paid ->
    [yes] 🛠 Paid, there’s a hitch with the key: we’re on it
   *[no] 🛠 There’s a hitch with the key: we’re on it
}
subscriptions-updating = ⏳ The server is being brought up to date · until { $date }
subscriptions-ended = ⌛ Ended on { $date }
subscriptions-button = 🔑 No. { $number } · { $title }
subscriptions-ended-button = ⌛ No. { $number } · { $title }
new-link =
    🔁 <b>A new key for subscription No. { $number }?</b>

    You need one if somebody else is using yours. The old key stops working, and you’ll have to add the new one on <b>each</b> of your devices.

    Your term, traffic and plan stay as they are.
new-link-confirm = 🔁 Yes, replace the key
new-link-keep = ‹ Keep the old one
new-link-panel-away =
    😔 <b>The key can’t be replaced right now</b>

    The server isn’t responding. Nothing has changed: the old key is still yours. Please try again in a couple of minutes.
new-key =
    🔁 <b>Your new key</b>

    It’s valid until <b>{ $date }</b>. We’re switching the old key off: you won’t need it any more. Tap the new one to copy it, or scan the code:
key-replaced =
    🔁 <b>The key that was here has been replaced</b>

    Here is the new one, valid until <b>{ $date }</b>. Tap it to copy, or scan the code:
moved-key =
    🚚 <b>Your subscription has moved to another server</b>

    Your term, traffic and plan are as before: valid until <b>{ $date }</b>. Where you added the address of your subscription’s page, the app switches by itself. Everywhere else please add this key: the old one is switched off. Tap it to copy, or scan the code:
new-key-next = Add it on each of your devices. Which one first?

# Alerts: at most 200 characters, no markup.
new-link-toast = Replacing your key: the new one will arrive here
auto-renew-on-toast = On: shortly before the end we’ll renew it from your balance
auto-renew-off-toast = Off: we won’t charge it by ourselves any more
error-key-not-ready = Only a key that already works can be replaced. Wait for it to be ready and try again.
error-new-link-too-soon = This key was replaced only a moment ago. You can get a new one every 10 minutes.
auto-renew-paused-toast = Auto-renewal is paused at the moment: please renew it yourself
