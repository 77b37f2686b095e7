edit-promo-codes = 🏷 Promo codes
promo-edit =
    🏷 <b>Promo codes</b>, the newest first

    Each with how often it was used; tap one to see what it brought.
promo-edit-none =
    🏷 <b>Promo codes</b>

    There are none yet. Make the first one: a kind, a value, and it is ready.
promo-edit-back = « Promo codes
promo-edit-new = ➕ New code
promo-edit-label = { $over ->
    [yes] ✖️{" "}
   *[no] {""}
}{ $code } · { $gift } · { $count }×
promo-gift = { $kind ->
    [percent] −{ $value }%
    [amount] −{ $money }
    [days] +{ $value } days
    [balance] +{ $money } to the balance
   *[trial_days] trial +{ $value } days
}
promo-edit-head = 🏷 <b><code>{ $code }</code></b> · { $gift }
promo-edit-limit = 👥 Uses: { $limit }, { $each ->
    [once] once a user
   *[often] as often as a user likes
}
promo-no-limit = as many as come
promo-edit-until = ⏳ Until: { $until }
promo-no-end = no end
promo-edit-plan = 💎 Plan: { $plan }
promo-every-plan = every one
promo-edit-used = 🔢 Used: { $count }
promo-edit-brought = 💰 Paid with it: { $total }
promo-edit-brought-nothing = 💰 Nothing paid with it yet
promo-edit-over = ✖️ Over since { $date }
promo-edit-end = ✖️ End it
promo-edit-end-ask = 🏷 End <code>{ $code }</code> now? Nobody can enter it any more; open orders that have it keep their price.
promo-edit-end-yes = ✖️ Yes, end it
promo-new = 🏷 <b>A new promo code</b>. What does it give?
promo-kind = { $kind ->
    [percent] % Percent off an order
    [amount] 💵 Money off an order
    [days] 📅 Days of access
    [balance] 👛 Money to the balance
   *[trial_days] 🎁 A longer trial
}
promo-value-ask = { $kind ->
    [percent] How many percent off? Send a number from 1 to 100.
    [amount] How much off? Send an amount in { $currency }, such as 2.50.
    [days] How many days? Send a number.
    [balance] How much? Send an amount in { $currency }, such as 2.50.
   *[trial_days] By how many days is the trial longer? Send a number.
}
promo-option-ask = { $option ->
    [code] Send the code: Latin letters, digits, - and _, 32 at most.
    [uses] Send how often it may be used over all; 0: as often as they come.
   *[days] Send for how many days it holds, today not counted; 0: without end.
}
promo-option-refused = <code>{ $typed }</code> doesn’t fit here.
promo-examples = 💰 <b>With it, orders cost:</b>
promo-example = { $plan }, { $term }: <s>{ $old }</s> → <b>{ $new }</b>
promo-make = ✅ Make this code
promo-set-code = ✏️ Another code
promo-set-uses = { $uses }×
promo-set-days = { $days } d
promo-set-each = { $each ->
    [1] 👤 Once a user
   *[other] 👤 As often as a user likes
}
promo-any-plan = 💎 For every plan

# An alert: at most 200 characters, no markup.
error-promo-code-gone = There is no such promo code any more.
