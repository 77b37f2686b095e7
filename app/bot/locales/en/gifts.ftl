command-gifts = Gifts that you’ve bought
button-gifts = 🎁 My gifts
order-as-gift = 🎁 As a gift
order-for-me = 🙋 Not as a gift
order-gift = 🎁 <b>As a gift</b>: once it’s paid, we’ll send you a card with a link, ready to forward. Your own subscription stays as it is.
gift-paid =
    ✅ <b>Payment received: { $price }</b>
gift-paid-free =
    ✅ <b>Order confirmed, nothing to pay</b>
gift-paid-next = Your gift is ready! Forward the card from the next message. Its link works once, and we’ll write when the gift is opened.
gift-card-head = A gift
gift-card-foot = Point your camera here
gift-card =
    🎁 <b>A gift for you: VPN “{ $title }”, { $length }</b>

    Open the link and tap “Take the gift” — the key arrives right in Telegram. There’s nothing to pay.

    { $link }
gift-card-button = 🎁 Open the gift
gift-opened =
    🎁 <b>This is a gift for you!</b>

    VPN “{ $title }”:
    • { $term } of access
    • { $traffic }
    • { $devices }

    There’s nothing to pay. If you have this plan already, the days are added to it.
gift-redeem = 🎁 Take the gift
gift-yours =
    🎉 <b>The gift is yours!</b>

    { $follows }
gift-redeemed =
    🎉 <b>Your gift was opened</b>

    VPN “{ $title }”, { $length }: the access is on its way. Thank you for sharing!
gifts = 🎁 <b>Your gifts</b>
gifts-none =
    🎁 <b>No gifts yet</b>

    Pick a plan, then tap “As a gift” in the order: we’ll send you a card that you can forward to anyone.
gifts-open = 🎁 Open No. { $number }
gift-line =
    <b>No. { $number }</b> · “{ $title }”, { $length }
    { $state ->
        [redeemed] ✅ taken on { $date }
        [returned] ↩️ money returned on { $date }
       *[waiting] 💌 waiting to be taken since { $date }
    }
gift-link =
    The link — tap to copy:
    <code>{ $link }</code>
gift-link-away = We couldn’t show the link: Telegram isn’t responding. Please come back in a minute.
gift-send-card = 💌 Send the card again
gift-share-text = A gift for you: a VPN right in Telegram, nothing to pay 🎁
gift-copy-link = 📋 Copy
gift-returnable = Until it’s taken, and until { $date }, you can have its money back on your balance.
gift-return = ↩️ Money back to the balance
gift-return-ask =
    ↩️ <b>Put { $amount } back on your balance?</b>

    The link stops working at once, and nobody can take the gift.
gift-return-confirm = ↩️ Yes, give it back
gift-return-keep = 💌 No, let it wait
gift-returned =
    ↩️ <b>The money for this gift was returned</b>

    Its link doesn’t work any more.

# Alerts: at most 200 characters, no markup.
gift-paid-toast = Paid ✓ Your gift is ready
gift-returned-toast = The money is on your balance ✓
error-gift-refused = This gift can’t be opened: the link isn’t whole, or somebody took or returned the gift. Ask for the link again. After several tries, wait an hour.
error-gift-gone = You have no such gift. All your gifts are in /gifts.
error-gift-redeemed = This gift was taken already, so its money can’t come back.
error-gift-return-over = More than 30 days have passed, so this needs a human. Write to support and we’ll sort it out.
