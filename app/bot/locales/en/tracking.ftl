command-track = Track a transaction
command-watches = My transactions
command-status = What’s up with a transaction
button-track = 🔭 Track a transaction
button-watches = 📡 My transactions
track-ask =
    🔭 <b>We track transactions</b>

    Send a hash or a link from an explorer. We’ll show how its confirmations grow, and tell you when it can’t be undone any more.

    Networks: { $chains }.

    Changed your mind? /cancel
track-ask-group =
    🔭 Reply to this message with a hash or a link from an explorer, and we’ll show how it goes.

    Networks: { $chains }. Changed your mind? /cancel
track-off =
    🔭 <b>Tracking is off right now</b>

    No network is connected yet. Please check back later.
track-lookup = 🔎 Looking for the transaction…
track-choose =
    🤔 <b>Several networks know this hash</b>

    <code>{ $hash }</code>

    Which one shall we track?
track-choose-all = { $count ->
    [2] Both
   *[other] All of them
}
track-unknown =
    🤷 <b>Nobody has seen it yet</b>

    <code>{ $hash }</code>

    Checked: { $chains }. If it was sent just now, it may show up any minute. Shall we watch for it? We’ll keep looking until { $until }.
track-unavailable =
    📡 <b>We can’t say for sure</b>

    <code>{ $hash }</code>

    Not responding right now: { $down }. The transaction may well be there. { $others ->
        [none] Try again in a minute
       *[some] The others ({ $others }) don’t know it. Try again in a minute
    }, or leave it to us: we’ll keep looking until { $until }.
track-await = ⏳ Watch for it
track-repeat-lookup = 🔄 Check again
track-bare = 🔭 It’s a transaction: look it up
track-more = There { $count ->
    [one] is { $count } hash
   *[other] are { $count } hashes
} in this message. We take { $most } at a time: please send the rest in the next one.
track-shape = { $shape ->
    [short] 📏 That’s only part of a hash: { $digits ->
        [one] { $digits } character
       *[other] { $digits } characters
    } after 0x, and it takes 64. Please copy the whole of it.
    [long] 📏 That’s too long for a hash: { $digits ->
        [one] { $digits } character
       *[other] { $digits } characters
    } after 0x, and it takes 64. Did something from next to it come along?
    [stray] 🔎 Nearly a hash, but there’s a stray character: after 0x come only digits and the letters a to f.
    [bare] 🔎 64 characters without 0x: TRON writes its transactions so, but private keys look the same. That’s why we haven’t looked it up anywhere. If it’s a transaction, tap the button.

    ⚠️ If it’s a key, delete the message: whoever has the key has the money.
    [key] ⚠️ <b>That looks like a private key</b>

    We didn’t look it up anywhere, and it isn’t needed here. Please delete the message and move the money to a new wallet: whoever has the key has the money. To track a transfer, send its hash.
    [block] 🧱 That link opens a block, not a transaction. Open the transaction there and send its link or its hash.
    [address] 📬 That’s an address, not a hash. To hear of what comes in there, add it in our private chat: /bind. To track a single transfer, send the hash of that transfer.
    [solana] 🔎 That looks like a Solana transaction, and we don’t watch that network.
    [tron] 🔎 That looks like a TRON address, and we don’t watch that network.
    [bitcoin] 🔎 That looks like a Bitcoin address, and we don’t watch that network.
    [ton] 🔎 That looks like TON, and we don’t watch that network.
    [foreign] 🔎 That’s the explorer of a network we don’t watch.
   *[other] 🔎 There’s no transaction hash here. It looks like this: 0x and 64 more characters. A link from an explorer will do, too.
}
track-chains = Our networks: { $chains }.

card-title = { $state ->
    [unknown] ⏳ Waiting for it to show up
    [pending] ⏳ In the queue, waiting for a block
    [mined] 📦 In a block
    [confirmed] 👍 Confirming
    [safe] 🛡 Nearly final
    [final] ✅ Final
    [failed] ❌ Failed
    [reorged] 🔀 Waiting for a new block
    [replaced] ♻️ Replaced by another one
    [authorized] ♻️ Its number is taken
    [dropped] 🗑 Dropped from the queue
    [lost] 🤷 Never showed up
   *[stopped] ⏹ Not tracked any more
}
card-name = 🏷 <b>{ $label }</b>
card-chain = { $chain }
card-last = The last we know: { $title }
card-confirmations = Confirmations: { $count }
card-confirmations-of = Confirmations: { $count } of about { $wanted }
card-no-count = Accepted. This network’s node doesn’t tell how many confirmations it has.
card-age = { $unit ->
    [moment] 🕐 Tracked for less than a minute
    [minutes] 🕐 Tracked for { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
    [hours] 🕐 Tracked for { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
   *[days] 🕐 Tracked for { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
}
card-left = { $unit ->
    [moment] less than a minute to go
    [minutes] about { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    } to go
    [hours] about { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    } to go
   *[days] about { $count ->
        [one] { $count } day
       *[other] { $count } days
    } to go
}
card-block = 🧱 Block { $block }
card-fee = ⛽️ Fee { $fee }
card-gas = ⛽️ Gas spent: { $gas }
card-unrecorded = 📜 Back then the network didn’t record whether a transaction succeeded. The recipient’s balance will tell.
card-incoming = ⬇️ Incoming: { $amount }
card-incoming-from = ⬇️ Incoming: { $amount } from <code>{ $sender }</code>
card-down = ⚠️ The network hasn’t responded since { $time }. This is the last we know; we’ll update it as soon as it’s back.
card-until = Looking until { $until }. We’ll write as soon as it shows up.
card-muted = 🔕 Muted
card-final-only = 🎯 We’ll only write about the outcome
card-end = { $state ->
    [final] It can’t be undone any more.
    [failed] The network didn’t carry it out: the amount stayed with the sender, only the fee was charged.
    [declined] The network turned the transfer down: the amount stayed with the sender.
    [replaced] The sender replaced it with another one of the same number (nonce).
    [dropped] It never made it into a block. If the transfer is still needed, send it again.
    [lost] No network saw it in all this time. Check the hash, or ask the sender.
   *[stopped] To go on, tap the button below.
}
card-authorized = Its number (nonce) was used by an authorization of the sender’s account (EIP-7702), so it won’t happen any more. If the transfer is still needed, send it again.
card-explorer = 🔎 Explorer
card-copy = 📋 Hash
card-status = 🩺 What’s up?
card-stop = ⏹ Stop
card-again = ▶️ Track again
card-mute = 🔕 Mute
card-unmute = 🔔 Unmute
card-to-final = 🎯 Final only
card-to-every = 🪜 Every step
card-label = 🏷 Name it
card-relabel = 🏷 Rename
card-unlabel = 🗑 Remove the name
card-replacement = 👀 Track that one
card-find-replacement = 🔎 Find the new one
card-left-behind = ⬇️ The card is further down now
card-ask-label =
    🏷 <b>What shall we call it?</b>

    Send the name in one message, { $limit } characters at most. Something like “Rent for May”.

    Changed your mind? /cancel
card-ask-label-group =
    🏷 Reply to this message with a name, { $limit } characters at most. Something like “Rent for May”.

    Changed your mind? /cancel
card-label-too-long = That’s a bit long: { $length ->
    [one] { $length } character
   *[other] { $length } characters
}, and { $limit } fit. Please send a shorter one.
card-label-text-only = A name is a few words of text. Please send it once more.

# Shown in alerts too: at most 200 characters, no markup.
track-still-toast = Nothing new yet
track-gone-toast = The network doesn’t show this transaction any more. Check again.
card-stopped-toast = Not tracked any more
card-again-toast = Tracking again
card-muted-toast = Muted: the card goes on, no messages
card-unmuted-toast = We’ll write when there’s news
card-final-toast = Set: the outcome only
card-every-toast = Set: every step
card-unlabelled-toast = Name removed
card-gone-toast = This transaction isn’t among yours any more. /watches shows them all.
card-not-yours-toast = This card is somebody else’s. Send the hash yourself to get your own.
error-too-many-watches = You have too many open transactions. Stop some in /watches and try again.
error-too-many-probes = That’s a lot of checks: 20 a minute at most, so that the networks don’t shut us out. Wait a minute and go on.
