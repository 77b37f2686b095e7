method-onchain = ⛓ Stablecoin to our address · { $price }
onchain-networks =
    ⛓ <b>Which token, on which network?</b>

    Take what your wallet or exchange sends: <b>token and network must be the same</b> as here. Money sent on another network or in another token may not arrive, and no one can call it back.

    To pay: <b>{ $price }</b>, and up to a few cents that tell your payment from others.
onchain-none-open = No network is open right now. Nothing is lost: please come back in a few minutes, or take another way to pay.
onchain-card-head = ⛓ <b>{ $network }</b>, and no other network
onchain-card-amount =
    Exactly
    <code>{ $amount }</code> { $token }
onchain-card-address = To the address (compare the first and last characters)
onchain-card-arrive = Exactly { $amount } must <b>arrive</b>: on an exchange, look at “you receive”, because its fee comes off. We see the transfer by ourselves, and your key comes here once it is final.
onchain-copy-amount = 📋 Copy the amount: { $amount }
onchain-copy-address = 📋 Copy the address
onchain-sent = ✅ It’s sent
onchain-change-network = ↔️ Another network
onchain-seen =
    👀 <b>We see your transfer</b>

    It waits for a block. There is nothing else to do: we follow it.
onchain-in-block = { $minutes ->
    [0] 📦 <b>Your transfer is in a block of { $chain }</b> and will be final any moment now.
    [one] 📦 <b>Your transfer is in a block of { $chain }.</b> About { $minutes } minute until it is final.
   *[other] 📦 <b>Your transfer is in a block of { $chain }.</b> About { $minutes } minutes until it is final.
}
onchain-blocks = Blocks upon it: { $count }
onchain-in-block-next = Then nobody can undo it, and your key comes here by itself. There is nothing to do.
onchain-block-gone = 🔀 The chain has undone the block with your transfer. As a rule it comes into another one by itself: please don’t pay again.
onchain-explorer = 🔍 See it in the explorer
onchain-on-balance =
    👛 <b>Your money is on your balance</b>

    It arrived, and not as this order asked for it. Pay with it for whatever you like.
onchain-expired =
    ⌛ <b>This invoice is closed</b>

    If you have sent the transfer, nothing is lost: we see it when it is final and credit it. If it left late or in another amount, tap “It’s sent”.
onchain-qr = ▦ QR code of the address
onchain-qr-text = <b>{ $network }</b>. The code holds the address alone: copy the amount from the card.
onchain-to-card = « The invoice
onchain-ask-hash =
    ✅ <b>You sent it? Then you’re done.</b>

    We see the transfer by ourselves, and your key comes here once it is final.

    If the amount was another one, or it left late, paste the <b>transaction’s hash</b> or its explorer’s link, and we look for it.
onchain-claim = { $outcome ->
    [unknown] 🔎 We don’t see that transfer at our address yet. It may take a few minutes; please check that network and address are those of the invoice, and send the hash again later.
    [seen] 📡 We see it on its way to a block. The card moves on by itself.
    [waiting] 📦 We see it. Once it is final, all goes on by itself.
    [yours] ✅ That transfer is yours already, and is credited.
    [taken] 🔒 That transfer belongs to another payment, or somebody else has asked for it. If it is yours, write to support.
    [credited] 👛 Found: { $amount } is on your balance. Pay with it for whatever you like.
   *[asked] 🙋 Found. We can’t know by its amount that it is yours, so an operator looks at it. You’ll hear here; please have a screenshot of the transfer ready.
}
# Toasts: at most 200 characters, no markup.
onchain-refreshed-toast = Up to date ✓
