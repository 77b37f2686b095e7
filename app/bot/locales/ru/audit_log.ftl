audit-log = 🧾 <b>Кто что сделал</b>, новое сверху
audit-log-of = 🧾 <b>Всё о <code>{ $id }</code>: кто и что</b>, новое сверху
audit-log-entry = { $at } · <code>{ $action }</code>
audit-log-who = { $actor } → { $subject }
audit-log-search = 🔎 По пользователю или оператору
audit-log-ask = 🔎 По кому? Пришлите @имя, id в Telegram или номер заказа или перешлите сообщение. Покажем и сделанное этим человеком, и сделанное с ним. Всё сразу таблицей: /export.
user-audit = 🧾 Журнал
home-audit = 🧾 Журнал
