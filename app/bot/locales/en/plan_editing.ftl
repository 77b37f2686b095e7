edit-plans = 💎 Plans
edit-refused = Nothing has changed.
plans-edit =
    💎 <b>Plans, in the order users see them</b>

    { $count ->
        [0] There are none yet: make the first one.
       *[other] Which one do you want to change?
    }
plans-edit-back = « Plans
plan-as-users = 👀 As users see it
plan-new = ➕ New plan
plan-label = { $title }{ $state ->
    [no] {" "}· off sale
   *[yes] {""}
}
plan-edit-head = 💎 <b>{ $title }</b> · <code>{ $code }</code>{ $state ->
    [no] {" "}· off sale
   *[yes] {""}
}
plan-edit-running = 🔑 Running subscriptions: { $count }
plan-edit-any-panel = 🖥 Panel: any
plan-edit-panel = 🖥 Panel: { $panel }
plan-edit-groups = 🗂 Groups: { $groups }
plan-edit-keeps = Subscriptions that run and orders that are open keep what they were sold with.
plan-edit-back = « { $title }
plan-move = { $to ->
    [up] ⬆️ Higher
   *[down] ⬇️ Lower
}
plan-put-on-sale = { $state ->
    [yes] ✅ Put on sale
   *[no] 📦 Take off sale
}
plan-on-sale = { $state ->
    [yes] on sale
   *[no] off sale
}
plan-not-shown = Nothing: it is not on sale.
plan-field = { $field ->
    [ru] 🇷🇺 Name
    [en] 🇬🇧 Name
    [price] 💰 Price
    [traffic] 📊 Traffic
    [devices] 📱 Devices
    [sale] 📦 On sale
    [panel] 🖥 Panel
   *[groups] 🗂 Groups
}
plan-field-head = ✏️ <b>{ $field ->
    [ru] Russian name
    [en] English name
    [price] Price
    [traffic] Traffic
    [devices] Devices
    [sale] Sale
    [panel] Panel or group of panels
   *[groups] Squads, inbounds or groups
}</b>
plan-field-ask = { $field ->
    [ru] Send the new Russian name, up to 32 characters.
    [en] Send the new English name, up to 32 characters.
    [price] Send the new price in { $currency }, such as 12.99. 0 gives it away.
    [traffic] Send how many GB it has; 0: no limit.
    [devices] Send how many devices may be connected at once; 0: no limit.
    [panel] Send the name of a panel or of a group of panels. It holds for what is bought from now on.
   *[groups] Send the panel’s squads, inbounds or groups, separated by commas. It holds for what is bought from now on.
}
plan-field-value = { $value }
plan-field-none = 🚫 Any
plan-field-refused = 🤔 That doesn’t fit. Please look at what is asked for and send it once more.
plan-new-ask =
    💎 <b>A new plan</b>

    Send its names in two lines: the Russian one, and the English one below it. 32 characters each at most.
plan-new-preview =
    💎 <b>{ $titles }</b> · <code>{ $code }</code>

    Make this plan? It goes on sale with its first term, which we’ll ask for next.
plan-new-make = ✅ Make it
term-edit-head = 💎 <b>{ $title }</b>{ $state ->
    [no] {" "}· off sale
   *[yes] {""}
}
term-line = <b>{ $term }</b> ({ $days }): { $price } · { $traffic } · { $devices }{ $state ->
    [no] {" "}· off sale
   *[yes] {""}
}
term-label = { $term } · { $price }{ $state ->
    [no] {" "}· off sale
   *[yes] {""}
}
term-new = ➕ New term
term-new-ask =
    💎 <b>A new term</b>

    Send months and price in { $currency }, such as <code>3 12.99</code>. We’ll take 30 days a month (365 a year), and traffic and devices as the longest term has them; or add them: <code>3 12.99 90 500 5</code> is 90 days, 500 GB and 5 devices, and 0 means no limit.
term-new-head = 💎 <b>{ $title }: a new term</b>
term-new-make = ✅ Put on sale
