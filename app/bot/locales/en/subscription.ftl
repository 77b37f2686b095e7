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
subscription-pending = ⏳ Your key is being prepared. It usually takes less than a minute and arrives here by itself.
subscription-needs-attention = 🛠 There’s a hitch with your key: the server hasn’t accepted it yet. We know and are on it. Your payment is safe, and the key will arrive here by itself.
subscription-none =
    You don’t have a subscription yet.

    Pick a plan — your key arrives here right after you pay ✨
subscription-ended =
    ⌛ <b>Your subscription has ended</b>

    To get back online, pick a plan: your key arrives right after you pay.
reminder =
    ⏰ <b>Your subscription ends soon</b>

    { $left } left, until { $date }. Renew in time: the days are added to what’s left, and your key stays the same.
subscription-qr = 🔳 Point your app’s camera at the code and the key adds itself. Keep it to yourself: it’s your personal access.
subscription-no-qr = This key is too long for a QR code. Tap to copy it:
