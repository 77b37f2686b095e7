channel-join =
    📣 <b>One step left</b>

    We sell to members of { $channel }. Join it and come back: everything is as you left it.
channel-joined = ✅ Joined
operator-buying-channel =
    ⚠️ <b>Channel membership can’t be checked, so we sell without it</b>

    Channel { $channel }. Telegram answers: <code>{ $error }</code>

    { $reason ->
        [refused] Check the channel’s name and make the bot its administrator: otherwise Telegram doesn’t say who is in it.
       *[other] This will most likely pass by itself. If it doesn’t, check that the bot is an administrator of the channel.
    } We won’t write about this again today.
setting-name-buying-channel = Channel for buying
setting-hint-buying-channel = The @name of a channel that one must have joined to buy. The bot must be its administrator. Where Telegram doesn’t say who is in it, we sell all the same and write to you.
setting-channel-refused = ⚠️ Telegram doesn’t show the bot who is in { $channel }. Make it an administrator there, then send the name again.
setting-channel-unknown = ⚠️ Telegram isn’t answering, so we couldn’t check { $channel }. Please send it again in a minute.
