home = 🛠 <b>The shop today</b>
home-sales = 💰 Sales: { $count } for { $total }
home-no-sales = 💰 No sales yet
home-new = 👤 New users: { $users } · trials: { $trials }
home-running = 🔑 Subscriptions: { $paid } · on trial: { $trials } (at { $at })
home-open-items = { $name }: { $count }
home-no-decisions = ✅ Nothing waits for you
home-not-looked = ⏳ We’ve just started and haven’t looked around yet. Refresh in a few seconds.
home-down = 🔴 { $title }
home-up = 🟢 Responding: { $names }
home-name-panel = { $named ->
    [yes] the VPN panel { $subject }
   *[no] the VPN panel
}
home-name-cryptobot = Crypto Pay
home-name-redis = Redis
home-name-webhook = Telegram
home-attention = 🔔 Needs attention
home-broadcasts = 📣 Broadcasts
home-bulk = 🧰 For many at once
home-exports = 📄 Tables
home-chains = ⛓ Chains
home-staff = 👥 Team
home-onchain = ⛓ On-chain payments
home-web = 🌐 Open in a browser
home-back = « The shop
home-questions = 💬 Waiting for an answer: { $count }
home-to-questions = 💬 Questions
digest = 🌅 <b>Yesterday, { $date }</b>
digest-no-sales = 💰 No sales
digest-running = 🔑 Subscriptions now: { $paid } · on trial: { $trials }
