person-how = 👤 Whom shall we show? Send an @name, a Telegram id, a name, the number of an order or an invoice, a payment’s id, a transaction’s hash, or the name at the panel; or forward a message from them. With /person in one go: <code>/person @anna</code>
person-not-found = 🔎 We’ve found nobody for <code>{ $typed }</code>. Names change, so an id or an order’s number is surer. Try another one, or forward a message from them.
person-several =
    ☝️ <code>{ $typed }</code> fits several people. { $by ->
        [id] This is the one with that Telegram id.
        [name] This is the one seen with that name last.
       *[other] This is the one with the latest order.
    } The others: { $others }
person-order = 🔎 <b>The order you asked for</b>
person =
    👤 <b>{ $name }</b>
    <a href="tg://user?id={ $id }">{ $id }</a>, with us since { $date }
person-balance = 👛 { $amount }
person-subscriptions = 🔑 <b>Subscriptions</b>
person-no-subscriptions = 🔑 No subscriptions.
person-no-purchases = 🧾 No payments.
person-subscription = No. { $number } · until { $date } · { $state ->
    [pending] key in preparation
    [active] works
    [updating] works, changes aren’t on the server yet
    [stuck] works, the server hasn’t accepted the changes
    [needs_attention] key can’t be issued
   *[ended] ended
}

user-search = 🔎 Find a user
user-card = 👤 Card
user-tab-main = « Card
user-tab-payments = 💳 Payments
user-tab-ledger = 📒 Ledger
user-tab-notifications = 🔔 Messages
user-tab-referrals = 🤝 Friends
user-tab-devices = 📱 Devices
user-nothing = Nothing here.
user-namesakes = 🔎 These names begin with <code>{ $typed }</code>{ $more ->
    [yes] {""}. There are more: type more of the name, or an id.
   *[no] {""}:
}
user-notification =
    { $title }
    { $at } · { $status ->
        [sent] sent
        [waiting] waits to be sent
        [unreachable] the user blocked the bot
        [doubtful] perhaps arrived
        [failed] Telegram refused it
       *[withdrawn] not sent, it was out of date
    }
user-notification-key = 🔑 The key
user-invited = Friends who came: { $came }, paid: { $paid }
user-earned = Earned: { $amount }
user-invited-by = Invited by: { $name } (<code>{ $id }</code>)
user-panel-away = The panel isn’t responding. Try again in a minute.
person-device-list = 🔑 No. { $number }
days-granted =
    🎁 <b>{ $days } more for you</b>

    { $reason }

    Your access now ends on { $until }. There is nothing to do: the key stays as it is.
days-taken =
    📅 <b>Your access is shorter by { $days }</b>

    { $reason }

    It now ends on { $until }. Do you think that’s a mistake? Write to us.
user-write = ✉️ Write
user-write-ask = ✉️ What shall we write to { $person }? One message, text only. They can answer through “Write again”.
user-written = ✓ It’s on its way.
user-link = 🔗 New link
user-link-ask = 🔗 Give { $person } a new link for subscription No. { $number }? The old one stops working within a minute, and the new one comes to their chat.
user-link-yes = ✅ Yes, a new link
user-link-done = ✓ The new link is being made and comes to their chat.
user-move = 🚚 Move
user-move-nothing = 🚚 { $person } has no subscription that works, so there’s nothing to move.
user-move-here = 🚚 Subscription No. { $number } of { $person } is on the panel <b>{ $panel }</b>.
user-move-where = Move it where? These panels are open and up, have room, and suit its plan.
user-move-nowhere = There’s nowhere to move it now: no other panel is open and up, has room, and suits its plan.
user-move-busy = It can’t move just now: it waits for a panel, or its link is being renewed. Look again in a minute.
user-move-under-way = It’s moving to <b>{ $target }</b>. Until the new key is in their chat, the old one works. You’ll get a message when it’s done.
user-move-target = { $name } · { $load }{ $capacity ->
    [0] { "" }
   *[other] { " " }of { $capacity }
}
user-move-ask = 🚚 Move subscription No. { $number } of { $person } from <b>{ $panel }</b> to <b>{ $target }</b>? It keeps its end, its page and the traffic that’s left. They get a new key in their chat, and the old one is switched off after that.
user-move-yes = ✅ Yes, move it
user-move-refresh = 🔄 Look again
user-move-changed = Something has changed meanwhile: this is how things stand.
user-no-key = 🔗 { $person } has no subscription that works, so there’s no link to renew.
user-which = 🔑 Which subscription of { $person }?
user-subscription = No. { $number } · until { $date }
user-days = 📅 Days
user-days-ask =
    📅 Days for { $person } ({ $number ->
        [new] a new subscription, as a trial would have it
       *[other] subscription No. { $number }
    })

    Send the days with a sign, then the reason, which they’ll read: <code>+7 for the outage</code> or <code>-3 granted by mistake</code>. At most { $most } at once.
user-days-preview =
    📅 <b>{ $sign ->
        [plus] Add { $days }
       *[minus] Take { $days }
    }?</b>

    { $person }: { $before } → { $after }
    Reason: { $reason }

    Nothing has changed yet. The question is good for 15 minutes.
user-days-none = no access
user-days-yes = ✅ Yes
user-days-done = ✓ Done. The server gets it in a moment, and they’ll read of it.
user-correct = 👛 Balance
user-correct-ask =
    👛 { $person } has { $balance }.

    Send the amount in { $currency } with a sign, then the reason, which they’ll read: <code>+5 for the outage</code>. At most { $most } at once. First we’ll show what changes.
user-refund = ↩️ { $number }
user-refund-ask = ↩️ Refund No. { $number } of { $person }? Send the reason (up to { $longest } characters). First we’ll show what goes where.

# Alerts: at most 200 characters, no markup.
error-days-gone = This question is out of date, and nothing has changed. Open the card and ask again.
error-nothing-to-shorten = There’s nothing to take: this subscription has ended.
error-too-many-days = From 1 to 366 days at once. Nothing has changed.
user-block = 🚫 Block
user-unblock = ✅ Unblock
user-block-ask = 🚫 Block { $person }? They’ll read one sentence instead of the shop, and still reach support, their refund and their data. What they’ve paid for runs to its end and renews itself no more. Send the reason (up to { $longest } characters); only the team sees it.
user-block-done = 🚫 Blocked, at once.
user-blocked-since = 🚫 <b>Blocked</b> since { $date }
user-data = 📦 Their data
user-data-sent = 📦 All that is kept about them, as they would get it by /privacy. Pass it on to them alone.
user-erase = 🗑 Erase
user-erase-ask = 🗑 Erase all data of { $person }? The same as if they did it by /privacy: it can’t be undone.
user-erase-loses = What would be lost:
user-erase-reason = Send the reason (up to { $longest } characters), such as where they asked for it. After that we’ll ask once more.
user-erase-confirm =
    🗑 <b>Erase all data of { $person } for good?</b>

    Reason: { $reason }
user-erase-yes = 🗑 Yes, erase
user-erased = ✓ Erased. Money stays in the books without a name, keys are being taken off the panel.
user-unblocked = Unblocked ✓
error-erasure-gone = This question is out of date, and nothing is erased. Open the card and ask again.
error-operator-not-removable = They are on your team. Take them off it first: /staff
