correct-how =
    ✏️ <b>Correcting a balance</b>

    <code>/correct 1001 +5 for the outage</code> — add
    <code>/correct 1001 -2.50 credited by mistake</code> — take

    The amount has a sign and is in { $currency }. The person sees the reason. Who is who: <code>/person 1001</code>.
correct-long-reason = That reason is a bit long: { $limit ->
    [one] { $limit } character fits
   *[other] { $limit } characters fit
}. Please shorten it. The balance hasn’t changed.
corrected = ✓ The balance of { $person } has changed: { $amount }. It is { $balance } now, and they will hear of it.
person-how = 👤 Whom shall I show? For example: <code>/person 1001</code>
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
    [needs_attention] key can’t be issued
   *[ended] ended
}
person-next = Correct the balance: <code>/correct { $id } +5 reason</code>

# Alerts: at most 200 characters, no markup.
error-person-unknown = There is no such person: they never wrote to the bot. Check the number.
error-overdrawn = You can’t take that much: the balance would fall below zero. /person shows what is there. Nothing has changed.
