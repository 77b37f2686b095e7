watch-which = { $chain } · <code>{ $hash }</code>
watch-named = <b>{ $label }</b> · { $chain } · <code>{ $hash }</code>
watch-seen =
    👀 <b>The transaction showed up</b>
    { $which }

    Now it’s waiting for a block.
watch-mined =
    📦 <b>{ $block ->
        [none] The transaction is in a block
       *[some] The transaction is in block { $block }
    }</b>
    { $which }

    The first step is done, confirmations come next.
watch-confirmed =
    👍 <b>{ $count ->
        [0] Enough confirmations already
        [one] { $count } confirmation already
       *[other] { $count } confirmations already
    }</b>
    { $which }

    That’s enough for most purposes. It will be final before long.
watch-safe =
    🛡 <b>Nearly final</b>
    { $which }

    Most validators stand behind its block. One last step to go.
watch-final =
    ✅ <b>Done: the transaction is final</b>
    { $which }

    It can’t be undone any more. { $fee ->
        [none] { "" }
       *[some] The fee was { $fee }.
    }
watch-failed =
    ❌ <b>The transaction failed</b>
    { $which }

    The network turned it down: the amount stayed with the sender. { $fee ->
        [none] { "" }
       *[some] The attempt still cost a fee: { $fee }.
    } { $gas ->
        [none] { "" }
       *[some] Gas spent: { $gas }.
    }
watch-reorged =
    🔀 <b>The network rearranged its latest blocks</b>
    { $which }

    It happens now and then: the transaction is back in the queue and usually makes it into a new block soon. There’s nothing you need to do.
watch-moved =
    🔀 <b>The network rearranged its latest blocks</b>
    { $which }

    The transaction is already back in { $block ->
        [none] a block
       *[some] block { $block }
    }. Confirmations count from the start again, and there’s nothing you need to do.
watch-replaced =
    ♻️ <b>The transaction was replaced</b>
    { $which }

    { $other ->
        [none] The sender put another one in its place, and this one won’t happen any more.
       *[some] The sender put <code>{ $other }</code> in its place. This one won’t happen any more.
    }
watch-authorized =
    ♻️ <b>The transaction’s number is taken</b>
    { $which }

    { card-authorized }
watch-dropped =
    🗑 <b>The transaction dropped out of the queue</b>
    { $which }

    It never made it into a block, and the network has forgotten it. If the transfer is still needed, send it again.
watch-lost =
    🤷 <b>The transaction never showed up</b>
    { $which }

    No network saw it in all this time. Check the hash, or ask the sender.
watch-anywhere = any network
watch-explorer-other = 🔎 The new one
watch-card = 📄 Card
