status-ask =
    🩺 <b>What’s up with a transaction?</b>

    Send the command with its hash: /status <i>0x…</i> — or send it as a reply to a card.
status-pending =
    ⏳ <b>In the queue, all is well</b>
    { $which }

    The network knows it, and its fee is high enough. It’s only waiting for a block.
status-cheap =
    🐢 <b>Its fee is low right now</b>
    { $which }

    It pays { $offered } for a unit of gas at most, and the network asks for about { $asked }. It will wait until prices come down. Not to wait, its sender can replace it with the same one and a higher fee: wallets call it “Speed up”.
status-queued =
    🚦 <b>Others go first</b>
    { $which }

    The network will take { $count ->
        [one] { $count } earlier transaction
       *[other] { $count } earlier transactions
    } of the same sender before it. If one of them is stuck, that’s the one to speed up.
status-mined =
    📦 <b>In a block, all is well</b>
    { $which }

    { $count ->
        [0] The network has accepted it.
        [one] It has { $count } confirmation.
       *[other] It has { $count } confirmations.
    } All that’s left is to wait until it can’t be undone.
status-final =
    ✅ <b>Final</b>
    { $which }

    It can’t be undone any more. If the recipient doesn’t see the money, show them this transaction in the explorer.
status-failed =
    ❌ <b>Failed</b>
    { $which }

    The network turned it down: the amount stayed with the sender. { $fee ->
        [none] { "" }
       *[some] The attempt still cost a fee: { $fee }.
    } { $gas ->
        [none] { "" }
       *[some] Gas spent: { $gas }. Usually there was too little gas, or a contract said no.
    } Put it right and send it again.
status-reorged =
    🔀 <b>Waiting for a new block</b>
    { $which }

    The network rearranged its latest blocks, and the transaction is back in the queue. It usually makes it into a new block soon: there’s nothing you need to do.
status-replaced =
    ♻️ <b>Replaced by another one</b>
    { $which }

    { $other ->
        [none] The sender put another one with the same number (nonce) in its place. Ask them for the new hash.
       *[some] The sender put <code>{ $other }</code> in its place. That’s the one to watch now.
    }
status-dropped =
    🗑 <b>Dropped from the queue</b>
    { $which }

    It never made it into a block, and the network has forgotten it. If the transfer is still needed, send it again.
status-awaited =
    ⏳ <b>Nobody has seen it yet, but we’re waiting</b>

    <code>{ $hash }</code>

    We’ll keep looking until { $until } and write as soon as it shows up: there’s nothing you need to do.
status-missing =
    🌫 <b>Nobody sees it right now</b>
    { $which }

    The network used to know it, but its nodes have been silent about it{ $since ->
        [none] { "" }
       *[some] { " " }since { $since }
    }. It may still come back. If the transfer is urgent, check the sender’s wallet.
status-unavailable =
    📡 <b>{ $chain } isn’t responding</b>
    { $which }

    { $since ->
        [none] There’s no connection right now
       *[some] There’s been no connection since { $since }
    }, so there’s nothing new to tell. Try again in a minute.
status-last = The last we know: { $title }.
status-watch = 🔭 Track it
