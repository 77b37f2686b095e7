correct-how =
    ✏️ <b>Correcting a balance</b>

    <code>/correct 1001 +5 for the outage</code> — add
    <code>/correct 1001 -2.50 credited by mistake</code> — take

    The amount has a sign and is in { $currency }. The person sees the reason. At most { $most } at once. First we’ll show what changes. Who is who: <code>/person 1001</code>.
correct-long-reason = That reason is a bit long: { $limit ->
    [one] { $limit } character fits
   *[other] { $limit } characters fit
}. Please shorten it. The balance hasn’t changed.
correct-preview =
    ✏️ <b>Correct this balance?</b>

    { $person }: <b>{ $amount }</b>
    Balance: { $before } → { $after }
    Reason: { $reason }

    Nothing has changed yet. The question is good for 15 minutes.
correct-confirm = ✅ Yes, { $amount }
correct-cancel = ❌ Leave it as it is
correct-kept = All right, the balance stays as it is.
corrected = ✓ The balance of { $person } has changed: { $amount }. It is { $balance } now, and they will hear of it.

# Alerts: at most 200 characters, no markup.
error-unknown-user = There is no such person: they never wrote to the bot. Check the number.
error-owner-erased = We have this order, but its owner’s data is erased: only the money is left in the books, without a name.
error-correction-gone = This question is out of date, and nothing has changed. Send /correct again and we’ll show everything anew.
error-correction-too-large = That’s more than one correction may move. Nothing has changed. To raise the limit (in cents): python main.py settings correction_most_minor 100000
error-overdrawn = You can’t take that much: the balance would fall below zero. /person shows what is there. Nothing has changed.
