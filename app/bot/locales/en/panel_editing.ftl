edit-panels = 🖥 Panels
panels-edit = 🖥 <b>Panels</b>
panels-edit-back = « Panels
panel-line = 🖥 <b>{ $name }</b> · { $state ->
    [open] 🟢 open
    [closed] ⏸ closed for new ones
   *[retired] 📦 retired
}
panel-load = 🔑 Subscriptions: { $count }
panel-capacity = 📦 Room for: { $capacity }
panel-group = 🗂 Group: { $group }
panel-set-state = { $state ->
    [open] 🟢 Open
    [closed] ⏸ Close
   *[retired] 📦 Retire
}
panel-state-ask = { $state ->
    [open] Open <b>{ $name }</b>? New subscriptions may go there again.
    [closed] Close <b>{ $name }</b>? New subscriptions go elsewhere; what runs there ({ $count }) goes on and is renewed.
   *[retired] Retire <b>{ $name }</b>? Nothing new goes there, and it is watched no more. Subscriptions there: { $count }.
}
panel-field = { $field ->
    [capacity] 📦 Room
   *[group] 🗂 Group
}
panel-field-head = ✏️ <b>{ $field ->
    [capacity] Room
   *[group] Group
}</b>
panel-field-ask = { $field ->
    [capacity] Send how many subscriptions it takes; 0: any number.
   *[group] Send the name of its group: small Latin letters, digits and -, 32 at most; 0: none.
}
