attention-empty =
    ✅ <b>Nothing needs attention</b>

    Whatever an operator must decide appears here, and in a message of its own.
attention-keys = Keys that the panel hasn’t issued: { $keys }.
attention =
    🔔 <b>Needs attention: { $count }</b>

    Tap one to read it and to settle it. The oldest come first.
attention-days = 📅 Give days
attention-refund = ↩️ Refund
attention-name = { $template ->
    [operator-activation] 🛠 Key not issued
    [operator-removal] 🛠 Key not removed
    [operator-payment-unmatched] ❗️ Unknown payment
    [operator-payment-foreign] ❗️ Mismatched payment
    [operator-payment-second] ❗️ Paid twice
    [operator-payment-short] ❗️ Underpaid
    [operator-payment-over] ℹ️ Overpaid
    [operator-payment-changed] ℹ️ Plan changed meanwhile
    [operator-payment-balance-short] ❗️ Balance was short
    [operator-payment-offer-over] ℹ️ Offer was over
    [operator-payment-unbooked] ❗️ Not in Telegram’s books
    [operator-payment-erased] ❗️ Owner erased
    [operator-event-malformed] ❗️ Unreadable event
    [operator-event-unclear] ❗️ Unclear event
    [operator-event-failed] ❗️ Event failed
    [operator-onchain-unmatched] ❗️ Transfer without an order
    [operator-onchain-claim] ❗️ Claim to a transfer
    [operator-onchain-other-network] ℹ️ Paid over another network
    [operator-onchain-stalled] ❗️ Payments on a chain wait
    [operator-refund-refused] ❗️ Refund refused
    [operator-refund-gift] ❗️ Refunded gift
    [operator-refund-missing] ❗️ Refund not covered
    [operator-renewal-failed] ⚠️ Renewal failed
    [operator-update-kept] ⚠️ Handler failed
    [operator-onchain-address-changed] 🚨 Address changed in the database
    [operator-onchain-frozen] 🚨 Address frozen
    [operator-unsent] ⚠️ Message not sent
   *[other] ❗️ Needs a look
}
attention-line = { $name } · { $date }
attention-since = <i>Open since { $date }.</i>
attention-settle-how = <b>How was it settled?</b> Tap an answer, or write it in a sentence of up to { $most } characters.
attention-too-long = That’s too long. Up to { $most } characters, please.
attention-settled =
    ✅ <b>Settled</b>: { $how }
attention-settled-by =
    ✅ <b>Settled</b> by { $person }: { $how }
attention-how = { $settlement ->
    [retried] tried again
    [delivered] delivered
    [refunded] refunded
    [credited] credited
    [irrelevant] nothing to do
   *[recovered] over by itself
}
attention-how-button = { $settlement ->
    [delivered] 📦 Delivered
    [refunded] ↩️ Refunded
    [credited] 💰 Credited
   *[irrelevant] 🤷 Nothing to do
}
attention-open = 🔔 Settle
attention-settle = ✅ Settle…
attention-retry-all = 🔄 Try all keys again
attention-back = ‹ Needs attention
attention-older = ‹ Back
attention-newer = Next ›

# Alerts: at most 200 characters, no markup.
attention-done = Settled ✓
attention-done-before = It was settled before.
attention-retried-all = { $count ->
    [0] No key is waiting.
    [one] One key: trying again ✓
   *[other] { $count } keys: trying again ✓
}
error-attention-gone = It isn’t there any more: open the list again.
