help =
    ❓ <b>The short version</b>

    <b>How do I buy?</b>
    “Buy VPN” → a plan → “Pay”. The invoice opens in @CryptoBot, and any of its currencies will do.

    <b>When does my key arrive?</b>
    Right after you pay, here in this chat. It’s always in “My subscription”.

    <b>How do I renew?</b>
    Buy any plan: the days are added, and you keep your key.

    <b>It won’t connect?</b>
    Switch other VPNs off, update the app and add your key again. Still nothing? Write to support — real humans read it.
help-news = 📣 Our news
