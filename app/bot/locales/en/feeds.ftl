home-feeds = 📡 Sales to a chat
feed-kind-sales = Sales
feed-kind-trials = Trials
feed-kind-signups = New users
feed-place =
    📡 <b>What shall come here?</b>

    Tap to switch it on or off. Where the group has topics, each kind can have its own: send /feed in the topic you want.

    ✅ comes here · ↪️ goes elsewhere, a tap brings it here
feeds = 📡 <b>Sales to a chat</b>
feed-line = { $kind }: “{ $title }”
feed-none = Nothing goes anywhere yet.
feed-how =
    To switch it on, add the bot to a group and send /feed there. The messages hold no names: a plan and a sum.
feed-off = ✖️ Switch off: { $kind }
feed-sale = { $kind ->
    [renewal] 🔁
    [gift] 🎁
   *[plan] 🛒
} { $title }, { $term } — <b>{ $price }</b>
feed-traffic = ➕ { $size } of traffic — <b>{ $price }</b>
feed-devices = ➕ Devices +{ $count } — <b>{ $price }</b>
feed-sales = 💰 <b>Sales: { $count } for { $total }</b>
feed-more-sales = …and { $count } more
feed-trials = 🧪 Began a trial: <b>{ $count }</b>
feed-sign-ups = 👋 New users: <b>{ $count }</b>
feed-ended-chat =
    📡 <b>The group “{ $title }” can’t be reached any more</b>

    It was sent: { $kinds }. We have switched that off. Once the bot is back in the group, send /feed there.
feed-ended-topic =
    📡 <b>The topic in the group “{ $title }” is gone</b>

    It was sent: { $kinds }. We have switched that off. Choose another topic, and send /feed in it.
