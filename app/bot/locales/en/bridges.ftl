command-bridge = A transfer over the Cellframe bridge
bridge = 🌉 <b>{ $first } → { $second }</b>
bridge-other-side = the other side
bridge-ask =
    🌉 <b>A transfer over the Cellframe bridge</b>

    Send the hash of the first transaction, the one that went into the bridge. We’ll show both sides of the transfer on one page.

    Changed your mind? /cancel
bridge-list = Your transfers:
bridge-off =
    🌉 <b>The bridge can’t be watched right now</b>

    That takes both sides, Cellframe and at least one EVM network, and not all are connected. Please come back later.
bridge-paused =
    ⛔️ <b>The bridge is paused</b>
    Please don’t send anything new into it: what you’ve sent may wait until it restarts.
bridge-at-risk =
    ⚠️ <b>The bridge may have problems</b>
    Better hold new transfers for now.
bridge-no-hash = A hash is 0x and 64 characters. Send it again, or /cancel.
bridge-which-known = 🤔 <b>Several networks know this hash.</b> Which one did you send from?
bridge-which-unknown = 🔎 <b>No network shows it yet</b>, or one isn’t answering. Which one did you send from? We’ll wait for it there.
bridge-to-which = 🌉 <b>Which network is the transfer going to?</b>
bridge-recipient-ask =
    📬 <b>Who receives it on { $chain }?</b>

    Pick an address or send it as a message. { $kind ->
        [evm] We use it to find the second transaction.
       *[cellframe] We’ll show it on the transfer’s page.
    } You can also skip this.
bridge-skip = Skip
bridge-second-ask =
    ✍️ <b>The second transaction’s hash</b>

    Send the hash from { $chain }: of the transaction that brought the tokens to the recipient.

    Changed your mind? /cancel
bridge-amount = 💰 Sent: { $amount }
bridge-recipient = 📬 Recipient: <code>{ $recipient }</code>
bridge-leg = <b>{ $number }. { $chain }</b>
bridge-leg-none = No transaction known yet
bridge-fee = Bridge fee: { $fee }
bridge-confirmations = The bridge waits for { $count ->
    [one] { $count } confirmation
   *[other] { $count } confirmations
}
bridge-stage = { $stage ->
    [failed] ❌ The first transaction didn’t go through, so nothing went over the bridge. If you still need the transfer, start again.
    [done] ✅ Both sides are final. The transfer is complete.
    [gave-up] 🤷 We couldn’t find the second transaction within a week and have stopped looking. If you know its hash, send it with the button below.
    [looking] 🔎 Looking for the second transaction by recipient and amount. Nobody can tell in advance how long that takes.
    [by-hand] ✍️ We can’t find the second transaction here ourselves: once you know its hash, send it with the button below.
    [probable] 🤔 Found a second transaction that fits. Network data can’t prove that they belong together, so please check.
   *[watching] 👀 Watching both sides. We’ll write when both are final.
}
bridge-give = ✍️ Give the second transaction
bridge-whom = 📬 Recipient
bridge-yes = ✅ Yes, that’s it
bridge-no = ❌ No
bridge-card = 📄 Card { $number }
bridge-all = 🌉 All transfers
bridge-open = 🌉 To the transfer
bridge-match =
    🤔 <b>Your tokens seem to have arrived</b>

    { $amount } to the recipient, transaction <code>{ $hash }</code>. Recipient and time fit, but that’s no proof. Is that the one?
bridge-done =
    ✅ <b>The bridge transfer is complete</b>

    Both transactions are final.
bridge-gave-up =
    🤷 <b>The second transaction wasn’t found</b>

    We looked for a week and have stopped. That doesn’t mean the tokens are lost: check the recipient’s balance. If you know the hash, send it from the transfer’s page.

# Shown in alerts too: at most 200 characters, no markup.
bridge-same-toast = Nothing new yet
bridge-yes-toast = Great, we’re watching both
bridge-no-toast = Got it, we’re looking further
bridge-old-toast = That one is decided already
error-bridge-gone = This transfer isn’t among yours any more. Start again: /bridge.
error-bridge-same-leg = That’s the first transaction’s hash. Please send the second one’s, from the other network.
