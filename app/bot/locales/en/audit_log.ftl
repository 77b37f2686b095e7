audit-log = 🧾 <b>Who did what</b>, the newest first
audit-log-of = 🧾 <b>What was done by <code>{ $id }</code> or to them</b>, the newest first
audit-log-entry = { $at } · <code>{ $action }</code>
audit-log-who = { $actor } → { $subject }
audit-log-search = 🔎 Of one user or operator
audit-log-ask = 🔎 Whose? Send an @name, a Telegram id or an order’s number, or forward a message from them. What they did and what was done to them comes together. All of it as a table: /export.
user-audit = 🧾 Audit
home-audit = 🧾 Audit
