home = 🛠 <b>The shop today</b>
home-sales = 💰 Sales: { $count } for { $total }
home-no-sales = 💰 No sales yet
home-new = 👤 New users: { $users } · trials: { $trials }
home-running = 🔑 Subscriptions: { $paid } · on trial: { $trials } (at { $at })
home-stuck-keys = ❗️ Keys that can’t be issued: { $count }{ $more ->
    [yes] {" "}or more
   *[no] {""}
}
home-refused-refunds = ❗️ Refunds that the provider refused: { $count }{ $more ->
    [yes] {" "}or more
   *[no] {""}
}
home-failed-updates = ⚠️ Messages that failed today: { $count }{ $more ->
    [yes] {" "}or more
   *[no] {""}
}
home-no-decisions = ✅ Nothing waits for you
home-not-looked = ⏳ We’ve just started and haven’t looked around yet. Refresh in a few seconds.
home-down = 🔴 { $title }
home-up = 🟢 Responding: { $names }
home-name-panel = the VPN panel
home-name-cryptobot = Crypto Pay
home-name-redis = Redis
home-name-webhook = Telegram
home-exports = 📄 Tables
home-chains = ⛓ Chains
home-staff = 👥 Team
home-back = « The shop
