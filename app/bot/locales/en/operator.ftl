operator-unknown = unknown

operator-payment-unmatched =
    ❗️ <b>A payment without an order</b>

    Invoice <code>{ $invoice }</code>, received { $paid }. We have no such order.

    Look it up in @CryptoBot or among the Stars payments: perhaps another service issued it.
operator-payment-foreign =
    ❗️ <b>A payment that doesn’t match its order</b>

    Invoice <code>{ $invoice }</code>: received { $paid }, the order costs { $price }, person { $person }.

    Currency or owner differ, so nothing was credited and no key was issued. It’s your call.
operator-payment-second =
    ❗️ <b>An order was paid twice</b>

    Invoice <code>{ $invoice }</code>: received { $paid }, the order costs { $price }, person { $person }.

    The money is on the person’s balance. Refund or credit it: it’s your call.
operator-payment-short =
    ❗️ <b>An underpayment</b>

    Invoice <code>{ $invoice }</code>: received { $paid }, the order costs { $price }, person { $person }.

    The money is on the person’s balance, no key was issued. It’s your call.
operator-payment-over =
    ℹ️ <b>An overpayment</b>

    Invoice <code>{ $invoice }</code>: received { $paid }, the order costs { $price }, person { $person }.

    The key is being issued, the difference stays on the person’s balance.
operator-payment-unbooked =
    ❗️ <b>A payment that Telegram doesn’t know</b>

    Payment <code>{ $invoice }</code>, { $paid }, person { $person }: we were told of it, but it isn’t in the bot’s Stars account.

    Access was left as it is. Look the person up; if nobody paid, change WEBHOOK_SECRET at once: somebody knows it.
operator-payment-erased =
    ❗️ <b>A payment from somebody who erased their data</b>

    { $provider ->
        [stars] Telegram Stars
       *[other] Crypto Pay
    }, invoice <code>{ $invoice }</code>: received { $paid }. The order’s owner is gone, so no key was issued. The money is in the books without a name.

    If they write to support, find the payment by its invoice and pay it back { $provider ->
        [stars] in Stars.
       *[other] in @CryptoBot.
    }
operator-event-malformed =
    ❗️ <b>An unreadable message about a payment</b>

    It is really from { $provider ->
        [stars] Telegram
       *[other] Crypto Pay
    }, but it can’t be read. It seems to say: invoice <code>{ $invoice }</code>, { $paid }. The event is kept; compare { $provider ->
        [stars] the bot’s latest Stars payments.
       *[other] the latest payments in @CryptoBot.
    }
operator-event-unclear =
    ❗️ <b>An unclear message about a payment</b>

    Invoice <code>{ $invoice }</code>, { $paid }: the provider used a word we don’t know, so nothing was credited. The event is kept. If the invoice is ours and paid, polling settles it within a minute; otherwise look it up in @CryptoBot.
operator-event-failed =
    ❗️ <b>A payment failed to process</b>

    Invoice <code>{ $invoice }</code>, received { $paid }: an error on our side. The event is kept, polling will try again. Details are in the logs.
operator-webhook-silent =
    ⚠️ <b>Nobody told us of a payment</b>

    Polling found the payment of invoice <code>{ $invoice }</code>. The order is fine, but { $provider ->
        [stars] see whether updates reach the bot: python main.py doctor.
       *[other] check the webhook: @CryptoBot → Crypto Pay → My Apps → Webhooks.
    }
operator-activation =
    🛠 <b>A key can’t be issued</b>

    Subscription { $subscription }, person { $person }, attempts: { $attempts }.
    { $reason ->
        [refused] The panel refuses:
       *[other] The panel isn’t responding:
    } <code>{ $error }</code>

    Check the panel and tap the button. We retry every 15 minutes anyway.
operator-panel-unfit =
    🛠 <b>The VPN panel can’t be used</b>

    <code>{ $error }</code>

    Orders are taken and wait for their keys. Once it’s repaired, have a look: <code>python main.py doctor</code>.
operator-removal =
    🛠 <b>A key can’t be removed from the panel</b>

    Subscription { $subscription } has ended, person { $person }.
    The panel says: <code>{ $error }</code>

    We retry every 15 minutes. Check the panel: until then the key works.
operator-moved = 🚚 Subscription No. { $subscription } of { $person } has moved to the panel <b>{ $panel }</b>. The new key is on its way to their chat; the old one is switched off after that.
operator-move-given-up =
    🚚 <b>Subscription No. { $subscription } stays where it is</b>

    We’ve stopped moving it ({ $person }) to the panel <b>{ $panel }</b>: <code>{ $error }</code>

    It works as before. Move it again when that’s mended, or to another panel.
operator-panel-move-ended =
    🚚 <b>The move off the panel { $panel } has ended</b>

    Moved: { $moved }.{ $failed ->
        [0] { "" }
       *[other] { " " }Couldn’t be moved: { $failed }. They stay on it and work. Once you’ve mended what the log says (move_given_up), try again: <code>python main.py panels move { $panel }</code>
    }
operator-panel-move-stuck =
    🚚 <b>The move off the panel { $panel } waits</b>

    No other panel that the plans allow is open and up and has room. Open one or raise its capacity, and the move goes on by itself: <code>python main.py panels list</code>
operator-plan-move-ended =
    🚚 <b>The plan { $plan } has moved to its panels</b>

    Moved: { $moved }.{ $failed ->
        [0] { "" }
       *[other] { " " }Couldn’t be moved: { $failed }. They stay where they are and work. Once you’ve mended what the log says (move_given_up), try again: <code>python main.py plans panel { $plan } --move</code>
    }
operator-plan-move-stuck =
    🚚 <b>The plan { $plan } waits to move</b>

    No panel that it names is open and up and has room. Open one or raise its capacity, and the move goes on by itself: <code>python main.py panels list</code>
operator-panel-drift = 🔎 <b>Panel { $panel } and the shop differ</b>
operator-panel-drift-orphan = • on the panel, with no subscription: { $count }
operator-panel-drift-missing = • paid for, and missing on the panel: { $count }
operator-panel-drift-wrong-expiry = • with another end on the panel: { $count }
operator-panel-drift-disabled = • paid for, and disabled on the panel: { $count }
operator-panel-drift-foreign = • made by others: { $count }
operator-panel-drift-next = Nothing was changed. Which ones, and what repairs each: <code>python main.py panel drift { $panel }</code>
operator-update-kept =
    ⚠️ <b>A handler failed</b>

    Update <code>{ $update }</code> is kept in the table failed_updates, with its reason beside it. The person was told. We’ll stay quiet about this for an hour.
operator-unsent =
    ⚠️ <b>A message wasn’t sent</b>

    Telegram refused “{ $message }” for { $person }. The reason is in the table outbox. Write to the person yourself if it’s urgent.

operator-retry = 🔄 Try now
operator-answered = ✓ Your answer is on its way.

# Alerts: at most 200 characters, no markup.
operator-retried = Trying again ✓
operator-nothing-to-retry = Nothing to retry: the key is already issued or the subscription has ended.
operator-not-a-question = That message isn’t a question. To answer a person, reply to the message with their question.
operator-payment-changed =
    ℹ️ <b>A payment for a change of plan that went out of date</b>

    Invoice <code>{ $invoice }</code>: received { $paid }, the order costs { $price }, person { $person }. The money is on their balance, and they know.
operator-payment-offer-over =
    ℹ️ <b>A payment for an offer that is over</b>

    Invoice <code>{ $invoice }</code>: received { $paid }, the order costs { $price }, person { $person }. Its promo code was used up, its time was over, or the plan is off sale, and today it would cost more. The money is on their balance, and they know how to buy with it.
