help =
    ❓ <b>The short version</b>

    <b>How do I buy?</b>
    “Buy VPN” → a plan → a term → a way to pay: crypto through @CryptoBot, Telegram Stars, or your balance.

    <b>When does my key arrive?</b>
    Right after you pay, here in this chat. It’s always in “My subscription”.

    <b>How do I renew?</b>
    “My subscription” → “Renew”: the days are added, and you keep your key. With auto-renewal it goes on by itself, from your balance.

    <b>It won’t connect?</b>
    Switch other VPNs off, update the app and add your key again. Still nothing? Write to support — real humans read it.

    <b>And the transactions?</b>
    Send a hash or a link from an explorer, and the bot follows it to the end: /track. Everything it follows is in /watches. It works in groups, too.
help-news = 📣 Our news
