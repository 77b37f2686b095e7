onchain-home =
    ⛓ <b>On-chain payments</b>

    Straight to your addresses, read when the chain has made them final. The time says how old the last final block that we have read is.
onchain-network-line = { $state ->
    [on] 🟢 { $name } · { $lag }
    [off] ⚪️ { $name } · switched off
    [no-address] ⚪️ { $name } · no address
    [frozen] 🚨 { $name } · our address is frozen
    [not-read] ⏳ { $name } · the chain isn’t read yet
   *[failing] 🔴 { $name } · no answer, last block { $lag } ago
}
onchain-switch = { $state ->
    [on] ▶️ Offer { $name }
   *[off] ⏸ Don’t offer { $name }
}
onchain-incoming = 📥 Incoming transfers
onchain-unmatched = ❗️ Nobody’s so far: { $count }
onchain-books = 📄 All transfers as CSV
onchain-addresses-page = ✏️ Payment addresses
onchain-back = « On-chain payments
onchain-no-incoming = 📥 Nothing has arrived yet.
onchain-no-unmatched = ✅ All that arrived has its owner.
onchain-incoming-head = 📥 <b>Incoming transfers</b>, the newest first. ⏳ not final · ✅ paid an order · 👛 on a balance · ❗️ nobody’s · ▫️ dismissed or dust
onchain-unmatched-head = ❗️ <b>Transfers whose owner isn’t known</b>, the oldest first
onchain-to-transfers = « Transfers
onchain-to-transfer = 🔎 The transfer
onchain-transfer-head = { $mark } <b>{ $amount }</b> · { $network }
onchain-transfer-facts =
    { $at }, block { $block }
    From: <code>{ $sender }</code>
    To: <code>{ $recipient }</code>
    <code>{ $hash }</code>
onchain-transfer-verdict = { $verdict ->
    [matched] Paid an order.
    [balance] Credited to a balance: late, or on another network than asked for.
    [claimed] Credited by a claim, or by an operator.
    [unmatched] Fits no invoice.
    [ignored] Dismissed, or dust.
    [mined] In a block that is not final yet.
    [gone] Its block has left the chain.
   *[final] Final, about to be assigned.
}
onchain-transfer-owner = 👛 Credited to { $person }
onchain-transfer-claimed = 🙋 { $person } says it is theirs
onchain-transfer-candidate = ≈ { $person } was asked for { $amount }, { $at }
onchain-transfer-decide = Anyone can see this transfer on the chain, so a hash alone proves nothing. Ask for a screenshot of the sending wallet.
onchain-assign-to = 👛 To the balance of { $user }
onchain-assign-other = 👛 To another user
onchain-reject-claim = 🙅 Reject the claim
onchain-dismiss = ▫️ Dismiss: not a customer’s
onchain-ask-owner = 👤 Whose is it? Forward a message of theirs, or send an @name or id.
onchain-confirm-owner = 👛 Put { $amount } on the balance of { $person }? They are notified, and it can’t be given to anyone else after.
onchain-confirm-owner-yes = ✅ Yes, credit it
onchain-ask-dismissal = ▫️ Why is it no customer’s? One sentence; it stays in the audit.
onchain-assigned = ✅ { $amount } credited.
onchain-dismissed = ✅ Dismissed.
onchain-claim-rejected = ✅ The claim is rejected, the transfer waits for its owner.
error-onchain-transfer-gone = This transfer is not there any more.
