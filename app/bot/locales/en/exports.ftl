exports =
    📤 <b>Tables of the shop</b>

    As CSV, for any spreadsheet. No keys are inside, but your users’ data is: keep the files where few can read them. Each export is noted in the audit.

    Which one?
exports-running = ⏳ Being made now: { $table }, { $rows } rows so far.
export-users = 👤 Users
export-payments = 💳 Payments
export-ledger = 📒 Ledger
export-subscriptions = 🔑 Subscriptions
export-promo = 🎟 Promo codes
export-recipients = 📣 Broadcasts: who got what
export-bulk = 🧰 Actions for many
export-onchain = ⛓ On-chain transfers
export-audit = 🧾 Audit
export =
    📤 <b>{ $table }</b>

    One row each: { $columns }.

    It is made in the background and comes here as a file. Nothing in the shop changes.
export-holds-users = id, name, username, language, since when, invited by whom, first access, whether the bot is blocked
export-holds-payments = order, user, plan, price, discount, what was paid and how, when, refund
export-holds-ledger = when, user, kind of entry, amount, order, reason
export-holds-subscriptions = user, plan, trial, auto-renewal, state, start and end, limits
export-holds-promo = when, user, code, order, discount
export-holds-recipients = broadcast, user, what became of it, when, Telegram’s words
export-holds-bulk = action, subscription, user, what became of it, its end before and after, when, why not
export-holds-onchain = block’s time, chain, contract, token, hash, sender, amount, value and its rate, order, user, what became of it, by whom
export-holds-audit = when, who, what, about what, details
export-excel = 📊 For Excel
export-plain = 📄 For other programs
export-others = 📤 Other tables
export-started = Started: the file comes here
export-progress =
    ⏳ <b>{ $table }</b>

    { $rows } rows of about { $total }. The file comes here by itself.
export-file = { $table }
export-part = { $table }: part { $number } of { $count }
export-ready =
    ✅ <b>{ $table }</b>

    Ready: { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }, { $parts ->
        [one] one file
       *[other] { $parts } files
    } in this chat.
export-failed =
    ❗️ <b>{ $table }</b> could not be made: { $error }

    Try again, or take it at the command line: <code>python main.py export { $kind } --out FILE</code>
error-export-running = One table is being made for you already. The next one can start when it is here.
