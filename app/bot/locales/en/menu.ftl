menu-hello = Hi, <b>{ $name }</b>! 👋
menu-hello-nameless = Hi! 👋
menu-sales = { $methods ->
    [both] Here you can buy a VPN with crypto or Telegram Stars — no cards, no forms.
    [cryptobot] Here you can buy a VPN with crypto — no cards, no forms.
    [stars] Here you can buy a VPN with Telegram Stars — no cards, no forms.
   *[balance] Here you can buy a VPN from your balance — no cards, no forms.
} Your key arrives right in this chat, usually less than a minute after you pay.
menu-sales-soon = Here you’ll be able to buy a VPN: sales open soon, and the plans can be seen already.
menu-tracking = We track transactions, too: send a hash, and we’ll say when it can’t be undone any more.
menu-start = Where shall we start?
menu =
    🏠 <b>Menu</b>

    Plans, your key and real human support — all within reach.
menu-cancelled-short = All right, cancelled 👌
menu-unknown-short = We couldn’t make sense of this one 🙈
menu-cancelled = All right, cancelled 👌 What’s next?
menu-nothing-to-cancel = Nothing to cancel — all is well 🙂 Here’s the menu.
menu-unknown =
    Buttons and commands work here, but we couldn’t make sense of this one 🙈

    Pick what you need. And if you’d rather talk to a human, tap “Support”.
menu-unknown-command = There’s no such command. Here’s what there is:
