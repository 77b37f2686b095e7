onchain-mined =
    ⛓ <b>Your payment is in a block</b>

    Now the network makes it final. There’s nothing more to do: what you ordered comes here by itself.
onchain-reorganised =
    ⏳ <b>The network has taken that block back</b>

    It happens. Your payment should stand in a new block soon, and we keep watching. There’s no need to pay again.
onchain-other-network =
    👛 <b>{ $paid } came by another network</b>

    It came over { $network }, which isn’t what this order was for. Nothing is lost: the money is on your balance, and you can pay for the order with it.
onchain-credited =
    👛 <b>{ $amount } added to your balance</b>

    We found your transfer. You can pay for any plan with it.

operator-onchain-unmatched =
    ❗️ <b>A transfer without an order</b>

    { $paid } over { $network } from <code>{ $sender }</code>, transaction <code>{ $tx }</code>. No order waits for exactly this amount.

    Its sender can claim it by the hash; credit it to a user, or settle it if it’s your own.
operator-onchain-claim =
    ❗️ <b>A claim to a transfer</b>

    { $person } says that { $paid } over { $network } is theirs. It came from <code>{ $sender }</code>, transaction <code>{ $tx }</code>.

    Anyone can read a hash on the chain: ask where it was sent from before you credit it.
operator-onchain-other-network =
    ℹ️ <b>Paid over another network</b>

    { $person } was to pay otherwise, and { $paid } came over { $network }, transaction <code>{ $tx }</code>. The money is on the person’s balance.
operator-onchain-stalled =
    ❗️ <b>Payments on { $chain } wait</b>

    Nothing after block { $block } can be called final: { $reason }.

    No payment is lost: all of it is read as soon as two endpoints agree. See /rpc for the endpoints.
error-onchain-hash = That isn’t a transaction’s hash. It has 64 characters, 0–9 and a–f, often after 0x.
error-onchain-claims = We’re looking at several of your payments already. Please wait until these are settled.
error-onchain-assigned = It was decided before: open the list again.
error-onchain-no-value = This token has no rate here. Credit the user by hand on their card, then settle this transfer.
