trial =
    🎁 <b>Try it for free</b>

    • { $days } of full access
    • { $traffic }
    • { $devices }

    No card, no payment, nothing renews by itself. Your key arrives here right away.
trial-condition = Just one thing: you need to be subscribed to { $channel }.
trial-take = 🎁 Get it free
trial-started =
    ✨ <b>Your key is being prepared</b>

    It usually takes less than a minute and arrives here by itself.
trial-join =
    📣 <b>One step left</b>

    The free trial is for subscribers of { $channel }. Join and come back: your key arrives right away.
trial-open-channel = 📣 Open the channel
trial-joined = ✅ Joined
trial-key-ready =
    🎉 <b>Your key is ready!</b>

    This is your free trial until <b>{ $date }</b>. Tap the key to copy it, or scan the code:
trial-key-delayed =
    ⏳ <b>Your key is delayed</b>

    { $issued ->
        [yes] The server isn’t responding yet. We keep trying: the key will arrive here by itself, there’s nothing you need to do.
       *[no] { -keys-on-hold }
    }
trial-key-needs-attention =
    🛠 <b>We couldn’t issue your key automatically</b>

    A human is already on it, and the key will arrive here. If you’d like to ask, support is right here.
trial-unused =
    👋 <b>Your key is waiting for you</b>

    It looks like you haven’t connected yet, and your free trial is running: { $left } left, until { $date }. It takes a couple of minutes. Which device is it?
trial-halfway =
    🌗 <b>Half of your free trial is behind you</b>

    { $left } left, until { $date }.
trial-halfway-unused =
    🌗 <b>Half of your free trial is behind you, and your key is still unused</b>

    { $left } left, until { $date }. Let’s get you connected: pick your device. And if something doesn’t work, write to us.
trial-traffic = 📊 Traffic: { $used } of { $limit }
trial-ending =
    ⏰ <b>Your free trial ends soon</b>

    { $left } left.
trial-buy-early = Like it? Pick a plan now: the time you have left is added, and your key stays the same.
trial-choose-plan = 💎 Pick a plan
trial-ended =
    ⌛ <b>Your free trial has ended</b>

    Thanks for trying! To stay online, pick a plan: everything works again right after you pay.

operator-trial-channel =
    ⚠️ <b>Nobody gets the free trial: channel membership can’t be checked</b>

    Channel { $channel }. Telegram answers: <code>{ $error }</code>

    { $reason ->
        [refused] Check the channel’s name and make the bot its administrator: otherwise Telegram doesn’t say who is in it.
       *[other] This will most likely pass by itself. If it doesn’t, check that the bot is an administrator of the channel.
    } To drop the condition: <code>python main.py settings trial_channel --default</code>. People are asked to come back a little later. We won’t write about this again today.

# Shown in alerts too: at most 200 characters, no markup.
trial-not-open = The free trial opens soon: we’re still setting up the server. Please check back a little later 🙏
error-trial-taken = The free trial is given once, and you already have it or had it. Everything you have is in “My subscription”.
error-trial-closed = There’s no free trial at the moment. But there are plans for any term — have a look 💎
error-trial-not-member = We don’t see you in the channel yet. Join it and tap again.
error-trial-membership-unknown = We couldn’t check your channel membership: Telegram isn’t answering. Try again in a couple of minutes — your trial isn’t going anywhere.
