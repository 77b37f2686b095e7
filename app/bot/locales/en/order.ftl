order-head =
    🧾 <b>{ $title }</b>

    • { $term } of access
    • { $traffic }
    • { $devices }
order-term = { $months } ({ $days })
order-separate = 🆕 As a separate subscription
order-revives = 🔑 Subscription No. { $number } has ended and starts anew on the day you pay.
order-extends = ⏩ Extends subscription No. { $number }, whose term now ends on { $date }.
order-extends-grace = ⏩ Extends subscription No. { $number }. Its paid time is over, and the new days follow the paid ones.
order-change-now =
    🔁 <b>A new plan for subscription No. { $number }</b>
    Now “{ $title }”: { $left } left, until { $date }, and { $traffic }.
order-change-worth = That’s worth { $amount }, and we credit all of it: by time or by traffic, whichever there is less of.
order-change-nothing = There’s nothing to credit: the time or the traffic you paid for is used up, and a gift never turns into money.
order-change-then = “{ $title }” starts right after you pay and runs for { $days }. Its traffic is counted afresh. Your key stays the same. The old plan’s days aren’t added: they’re credited instead.
order-change-sooner = ⚠️ The new plan ends sooner than the one you have now, which runs until { $date }.
order-result = If you pay now:
order-result-which = 🔑 Subscription No. { $number }
order-result-until = 📅 Access until <b>{ $date }</b>
order-result-term = 📅 Term: until <b>{ $date }</b>
order-result-traffic = 📊 { $traffic }
order-result-traffic-all = 📊 { $size } of traffic in all, including what’s already used
order-result-renewal = ♻️ Auto-renewal on { $date }: { $price } from your balance, if there’s enough on it
order-price = Price: { $price }
order-discount = Discount: −{ $amount }
order-credit = Left of your current plan: −{ $amount }
order-from-balance = From your balance: −{ $amount }
order-due = To pay: <b>{ $price }</b>
order-surplus = { $amount } goes to your balance.
order-no-method = Payments are closed right now. Check back a little later or write to support.
order-use-balance = ☐ Add { $amount } from your balance
order-keep-balance = ☑ { $amount } from your balance
order-target =
    🤔 <b>For which subscription?</b>

    For one you already have, or for a separate one with its own key.
order-target-extend = ⏩ Extend No. { $number } · until { $date }
order-target-change = 🔁 Change the plan of No. { $number } · until { $date }
order-target-new = 🆕 A separate subscription

method-cryptobot = 💎 With crypto · { $price }
method-stars = ⭐ With Stars · { $price }
method-balance = 👛 From your balance · { $price }
method-free = ✅ Confirm, nothing to pay

# A toast: at most 200 characters, no markup.
renew-plan-gone-toast = Your plan isn’t sold for that term any more
