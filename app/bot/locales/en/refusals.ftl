# What operators asked for and cannot have: in the chat and on the web.
refused-overtaken = Another operator has changed it meanwhile. Open it again to see how it is.
refused-empty = There’s nothing to change in that.
refused-amount = <code>{ $amount }</code> is no amount in { $currency }: write it like <code>4.99</code>.
refused-amount-zero = The amount has to be above zero.
refused-price-below-zero = A price can’t be below zero.
refused-whole-number = { $name ->
    [traffic] Traffic
    [devices] Devices
    [capacity] The number of subscriptions
    [uses] The number of uses
    [uses_per_user] The number of uses per user
   *[other] This
} has to be a whole number.
refused-bounds = { $name ->
    [months] Months: from { $least } to { $most }.
    [days] Days: from { $least } to { $most }.
    [traffic] Traffic: from { $least } to { $most } GB.
    [devices] Devices: from { $least } to { $most }.
    [capacity] Subscriptions: from { $least }, for any number, to { $most }.
   *[other] From { $least } to { $most }.
}
refused-day = A day is written like <code>2026-12-31</code>.
refused-setting = This setting can’t have that value.
refused-no-setting = There is no such setting any more.

# Plans
refused-no-plan = There is no plan <code>{ $code }</code>. There are: { $known }.
refused-plan-code = A plan’s code has 1 to 32 small Latin letters, digits and hyphens.
refused-plan-exists = There is a plan <code>{ $code }</code> already. Choose another name.
refused-no-term = The plan <code>{ $code }</code> has no term of { $months } months.
refused-term-exists = The plan <code>{ $code }</code> has a term of { $months } months already: change its price.
refused-title = A name has 1 to { $most } characters.
refused-plan-anywhere = This plan may be on any panel, so nothing of it has to move.

# Promo codes
refused-promo-kind = Choose what the code gives.
refused-promo-value = { $kind ->
    [percent] A discount is a whole number of percent, from 1 to { $most }.
    [trial_days] Days of the trial are a whole number, from 1 to { $most }.
   *[days] Days are a whole number, from 1 to { $most }.
}
refused-code = A code has 1 to 32 Latin letters, digits, hyphens and underscores, and no space.
refused-code-taken = There is a code <code>{ $code }</code> already, perhaps an archived one. Choose another.
refused-no-code = There is no code <code>{ $code }</code> any more.
refused-uses = { $name ->
    [uses] A code can be used from 1 to { $most } times.
   *[per-person] A user can use it from 1 to { $most } times.
}
refused-window = Its last day can’t be before its first.
refused-window-past = Its last day has passed: the code would be over before it starts.

# Extra traffic and devices
refused-extra-exists = That is on the list already: set its price, or put it on sale again.
refused-no-extra = That is not on the list any more.
refused-extra-free = Its price has to be above zero, or it could be had again and again.

# Panels
refused-no-panel = There is no panel <code>{ $name }</code>. There are: { $known }.
refused-no-panel-or-group = There is no panel and no group <code>{ $name }</code>. There are: { $known }.
refused-panel-name = A panel’s name has 1 to 32 small Latin letters, digits and hyphens.
refused-panel-exists = There is a panel <code>{ $name }</code> already. Choose another name.
refused-panel-description = A panel is described on the command line: <code>python main.py panels --help</code>.
refused-panel-environment = The default panel is described in the environment; here it has a capacity and a group.
refused-panel-default = The default panel can’t be retired.
refused-panel-group = A group’s name has 1 to 32 small Latin letters, digits and hyphens.
refused-access-groups = Write names or numbers of the panel’s own groups, separated by commas.
refused-panel-retired = The panel <code>{ $name }</code> is retired. Choose another.
refused-there-already = It is on that panel already.
refused-being-moved = <code>{ $name }</code> is being moved already. Wait until that is over.
refused-no-subscription = That subscription is gone.
refused-no-room = No other panel is up and has room for it now.
refused-move-ended = It has ended: what is bought next gets a place of its own.
refused-move-waits = It is still waiting for a panel with room.
refused-move-under-way = It is being moved or gets a new link now. Try again in a minute.

# For many at once
refused-bulk-reason = Write why, in at most { $most } characters: users read it.
refused-no-outage = There is no such outage that is over.
