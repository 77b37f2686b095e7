help = ❓ <b>The short version</b>
help-buying =
    <b>How to buy?</b>
    “Buy VPN” → a plan → a term → a way to pay: { $methods }.

    <b>When does the key arrive?</b>
    Right after you pay, here in this chat. It’s always in “My subscription”.
help-not-buying =
    <b>How to buy?</b>
    Sales open soon. Please check back a little later; the plans can be seen already.
help-method = { $name ->
    [cryptobot] crypto through @CryptoBot
    [stars] Telegram Stars
   *[balance] your balance
}
help-renewing =
    <b>How to renew?</b>
    “My subscription” → “Renew”: the days are added, and you keep your key.{ $renewal ->
    [on] {" "}With auto-renewal it goes on by itself, from your balance.
   *[off] {""}
}
help-connecting =
    <b>It won’t connect?</b>
    Switch other VPNs off, update the app and add your key again. Still nothing? Write to support — real humans read it.
help-tracking =
    <b>And the transactions?</b>
    Send a hash or a link from an explorer, and we track it to the end: /track. Everything we’re tracking is in /watches. It works in groups, too.
help-operator = 🛠 <b>For you, as { $role ->
    [owner] the owner
    [manager] a manager
   *[support] support
}</b>
help-news = 📣 Our news
