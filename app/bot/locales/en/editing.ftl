home-edit = ✏️ Edit the shop
edit-shop =
    ✏️ <b>Edit the shop</b>

    What would you like to change? Every change is shown to you first, as users will see it, and holds at once.
edit-section = { $section ->
    [maintenance] 🚧 Maintenance
    [payments] 💳 Payments
    [trial] 🎁 Free trial
    [referral] 👥 Friends
    [reminders] ⏰ Reminders
    [contacts] 📣 Contacts
    [tracking] 🔎 Tracker
    [bridge] 🌉 Bridge
    [launch] 🌱 Soft launch
    [win-back] ♻️ Win-back
   *[hours] 🕘 Hours
}
edit-section-head = { $section ->
    [maintenance] 🚧 <b>Maintenance</b>
    [payments] 💳 <b>Payments</b>
    [trial] 🎁 <b>Free trial</b>
    [referral] 👥 <b>Friends</b>
    [reminders] ⏰ <b>Reminders and days of grace</b>
    [contacts] 📣 <b>Contacts</b>
    [tracking] 🔎 <b>Tracker</b>
    [bridge] 🌉 <b>Bridge</b>
    [launch] 🌱 <b>Soft launch</b>
    [win-back] ♻️ <b>Win-back</b>
   *[hours] 🕘 <b>Hours</b>
}
edit-section-back = « { $section ->
    [maintenance] Maintenance
    [payments] Payments
    [trial] Free trial
    [referral] Friends
    [reminders] Reminders
    [contacts] Contacts
    [tracking] Tracker
    [bridge] Bridge
    [launch] Soft launch
    [win-back] Win-back
   *[hours] Hours
}
edit-back = « Edit the shop
edit-preview = 👀 Users will see:
edit-not-yet = Nothing has changed yet.
edit-apply = ✅ Apply
edit-cancel = ❌ Leave it as it is
edit-done = ✓ Done, it holds now.
edit-overtaken = ⚠️ Somebody else has changed this meanwhile. Please compare once more:

setting-line = { $name }: <b>{ $value }</b>
setting-head = ✏️ <b>{ $name }</b>
setting-now = Now: <b>{ $value }</b>
setting-change = { $old } → <b>{ $new }</b>
setting-ask = { $kind ->
    [number] Send the new number.
    [money] Send the new amount in { $currency }, such as 5 or 2.50.
    [money-list] Send the amounts in { $currency }, separated by spaces: 5 10 20
    [numbers] Send the numbers, separated by spaces: 72 24 3
    [lines] Send the whole list, one a line.
    [by-chain] Send pairs of a chain and a number: eth 20, bsc 15
   *[text] Send the new value.
}
setting-unread = 🤔 We couldn’t read that. Please try once more, as described below.
setting-same = It’s that already 🙂
setting-refused = ⚠️ { $reason ->
    [number] This must be a number.
    [least] It must be at least { $bound }.
    [most] It must be at most { $bound }.
    [username] This must be a @name, such as @my_channel.
    [currency] This must be one of: { $bound }.
    [time-zone] This must be a name like Europe/Moscow.
    [networks] A network must be one of: { $bound }
    [users] Neither an @name nor an id: { $bound }
    [tokens] A line doesn’t fit: { $bound }
    [hours-order] The day must begin before it ends.
    [top-up-order] The least top-up must not be above the largest one.
   *[other] This value doesn’t fit here.
} Nothing has changed; send another one.
setting-empty = not set
setting-switch = { $state ->
    [on] on
   *[off] off
}
setting-method = { $state ->
    [on] ✅
   *[off] ❌
} { $name ->
    [cryptobot] Crypto Pay
    [stars] Stars
   *[balance] balance
}
setting-turn-method = { $state ->
    [on] ✅ Open
   *[off] ❌ Close
}: { $name ->
    [cryptobot] Crypto Pay
    [stars] Telegram Stars
   *[balance] balance
}
setting-turn = { $state ->
    [on] ✅ Turn on
   *[off] ❌ Turn off
}
setting-choice = { $value ->
    [open] 🟢 works
    [paused] ⏸ paused
   *[at_risk] ⚠️ at risk
}
setting-make-empty = 🚫 Turn off
setting-reset = ↩️ Standard value
setting-preview-reminders = Before the paid time ends, we’ll remind them: { $times } ahead.

# Alerts: at most 200 characters, no markup.
edit-gone-toast = This preview is out of date: it was applied already, or a newer one was opened. Nothing has changed now.
edit-done-toast = Done ✓

setting-name-ways-off = Payment methods
setting-hint-ways-off = What buyers can pay with. Invoices that are open already can still be paid.
setting-name-onchain-networks-off = On-chain networks that are off
setting-hint-onchain-networks-off = Keys such as usdt-tron, separated by spaces. Each is closed alone; invoices that are open already can still be paid.
setting-name-currency = Currency
setting-hint-currency = Of balances, top-ups and new plans. Prices that there are keep theirs; the top-up amounts below are not converted.
setting-name-stars-per-unit = Stars for 1 USD
setting-hint-stars-per-unit = How many Telegram Stars are charged for one dollar.
setting-name-top-up-amounts-minor = Top-up buttons
setting-hint-top-up-amounts-minor = The amounts that can be chosen by one tap.
setting-name-top-up-least-minor = Least top-up
setting-hint-top-up-least-minor = The smallest amount that a balance can be topped up by.
setting-name-top-up-most-minor = Largest top-up
setting-hint-top-up-most-minor = The largest amount that a balance can be topped up by.
setting-name-correction-most-minor = Largest correction
setting-hint-correction-most-minor = How much an operator may add or take at once.
setting-name-refund-frees-code = A refund frees the promo code
setting-hint-refund-frees-code = Whether the code of a refunded order may be used again.
setting-name-trial-enabled = Free trial
setting-hint-trial-enabled = Whether new users can try the VPN for free.
setting-name-trial-days = Days of trial
setting-hint-trial-days = How long the free trial lasts.
setting-name-trial-traffic-gb = Traffic of a trial, GB
setting-hint-trial-traffic-gb = 0 means no limit.
setting-name-trial-devices = Devices of a trial
setting-hint-trial-devices = 0 means no limit.
setting-name-trial-channel = Channel for the trial
setting-hint-trial-channel = The @name of a channel that one must have joined to try. The bot must be its administrator.
setting-name-referral-percent = Percent for a friend
setting-hint-referral-percent = What part of a friend’s payment comes to the balance of the user who invited them. 0: none.
setting-name-referral-every-payment = For every payment
setting-hint-referral-every-payment = Whether each payment of a friend counts, or the first one only.
setting-name-referral-days = Days for a friend
setting-hint-referral-days = How many days the user who invited gets for a friend’s first payment. 0: none.
setting-name-reminder-hours = Reminders
setting-hint-reminder-hours = How many hours before the end of the paid time users are reminded.
setting-name-close-answered-hours = Close answered talks after, hours
setting-hint-close-answered-hours = A conversation with support closes by itself after so many hours without a word. 0: never.
setting-name-grace-hours = Hours of grace
setting-hint-grace-hours = How long the VPN goes on working after the paid time.
setting-name-support-contact = Contact for support
setting-hint-support-contact = The @name of somebody whom users can write to directly. Without it, questions come through the bot.
setting-name-support-forum = Support’s forum
setting-hint-support-forum = The id of a group with topics, where each user has one. Sending /forum in that group is easier.
setting-name-news-channel = News channel
setting-hint-news-channel = The @name of a channel; /help leads to it.
setting-name-watch-limit = Watches of one user
setting-hint-watch-limit = How many transactions one user may watch at once.
setting-name-address-limit = Addresses of one user
setting-hint-address-limit = How many addresses one user may bind.
setting-name-awaited-hours = Hours to wait for a hash
setting-hint-awaited-hours = How long we look for a transaction that no chain knows yet.
setting-name-least-confirmations = Confirmations wanted
setting-hint-least-confirmations = By chain, above what the chain itself says, before we call a transaction final.
setting-name-tokens = Tokens
setting-hint-tokens = Whose arrival is reported: chain:contract:symbol:decimals, and a fifth part for the least amount.
setting-name-coins-from = Coins, from which amount on
setting-hint-coins-from = Coins whose arrival is reported, by chain.
setting-name-bridge-state = State of the bridge
setting-hint-bridge-state = What users read about the bridge.
setting-name-bridge-fee = Fee of the bridge
setting-hint-bridge-fee = As users should read it, such as 0.5 CELL.
setting-name-bridge-confirmations = Confirmations of the bridge
setting-hint-bridge-confirmations = How many the bridge waits for. 0: not shown.
setting-name-bridge-gas = Gas of the bridge
setting-hint-bridge-gas = How many units of gas a transfer is assumed to take.
setting-name-new-users-a-day = New users a day
setting-hint-new-users-a-day = How many new users are let in a day; the others wait in line. Unset: everybody.
setting-name-allowed-users = Who need not wait
setting-hint-allowed-users = Ids and @names of those who are let in though the day’s places are taken.
setting-name-win-back-percent = Discount
setting-hint-win-back-percent = Percent off for users whose access has ended. 0: nothing is offered.
setting-name-win-back-days = Days after the end
setting-hint-win-back-days = When an offer is sent to those who have not bought again.
setting-name-win-back-hours = Hours an offer lasts
setting-hint-win-back-hours = After that its discount is over.
setting-name-win-back-holdout-percent = Hold-out group
setting-hint-win-back-holdout-percent = Percent of users who get no offer, so that you see what offers bring.
setting-name-digest-hour = Hour of the digest
setting-hint-digest-hour = At this hour (0 to 23) owners and managers get what yesterday brought.
setting-name-time-zone = Time zone
setting-hint-time-zone = Whose days and nights the shop keeps.
setting-name-awake-from-hour = The day begins at
setting-hint-awake-from-hour = From this hour on users get reminders.
setting-name-awake-until-hour = The day ends at
setting-hint-awake-until-hour = From this hour on users get no reminders.
