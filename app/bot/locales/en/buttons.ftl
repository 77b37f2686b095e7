button-balance = 👛 Balance
button-friends = 👥 Friends
button-trial = 🎁 Try for free
button-purchases = 🧾 My payments
button-newer = ‹ Newer
button-older = Older ›
button-back = ‹ Back
button-connect = 📲 How to connect
button-copy-key = 📋 Copy the key
button-help = ❓ Help
button-language = 🌐 Language · Язык
button-menu = 🏠 Menu
button-page = 🌐 Connect in one tap
button-plans = 💎 Buy VPN
button-qr = 🔳 QR code
button-refresh = 🔄 Refresh
button-renew = ⏩ Renew
button-subscription = 🔑 My subscription
button-support = 💬 Support
button-try-again = 🔄 Try again

# An alert: at most 200 characters, no markup.
button-outdated = This button is outdated. A fresh menu is waiting below 👇
one-moment = One moment…
button-all-plans = ‹ All plans
button-privacy = 🔐 Your data
