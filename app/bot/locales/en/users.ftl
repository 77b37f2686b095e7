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
user-invited = Friends who came: { $came }, paid: { $paid }
user-earned = Earned: { $amount }
user-invited-by = Invited by: { $name } (<code>{ $id }</code>)
user-panel-away = The panel isn’t responding. Try again in a minute.
person-device-list = 🔑 No. { $number }
