bulk =
    🧰 <b>For many at once</b>

    Choose what to do. First you’ll see how many subscriptions it is for and what would change: nothing happens until you send that number.
bulk-days = 📅 Days for a segment
bulk-new-links = 🔗 New links for a panel
bulk-move = 🚚 Move all of a panel
bulk-outage = 🎁 After the outage of { $at }
bulk-others = 🧰 For many at once
bulk-one = { $state ->
    [running] ▶️ { $number }
    [paused] ⏸ { $number }
    [cancelled] ⛔️ { $number }
   *[done] ✅ { $number }
}: { $name }, { $done } of { $total }
bulk-name-extend = days
bulk-name-new-links = new links
bulk-name-move = a panel’s move
bulk-segments =
    📅 <b>Days for whom?</b>

    Only subscriptions that work now; of a user who has several, those that fit.
bulk-ask-days =
    📅 { $segment }: how many days, and why?

    Send the number, then the reason, which they’ll read: <code>2 for last night’s maintenance</code>. At most { $most } days.
bulk-panels = { $kind ->
    [move] 🚚 <b>Which panel do all leave?</b> It takes no new subscriptions from then on.
   *[new_links] 🔗 <b>New links for which panel?</b> Old ones stop working as soon as the new one is in the chat.
}
bulk-panel = { $name }: { $count }
bulk-targets = 🚚 Where do all of <b>{ $panel }</b> move?
bulk-target-any = ⚖️ Wherever there is most room
bulk-outage-days =
    🎁 The panel was down from { $since }, for { $length }. How many days do those get whom it hit?

    These are all subscriptions that were on it and not over then.
bulk-preview-extend = 📅 <b>{ $days } for { $segment }</b>
bulk-preview-outage = 🎁 <b>{ $days } for those hit by the outage of { $since }</b>
bulk-preview-new-links = 🔗 <b>New links for all on { $panel }</b>
bulk-preview-move = 🚚 <b>All of { $panel } move to { $to }</b>
bulk-preview-move-any = 🚚 <b>All of { $panel } move to where there is most room</b>
bulk-count = Subscriptions: <b>{ $count }</b>, such as
bulk-example-days = • { $person }: { $before } → { $after }
bulk-example = • { $person }, until { $before }
bulk-reason = They’ll read: { $reason }
bulk-confirm = Nothing has changed yet. To begin, send this number: <code>{ $count }</code>
bulk-nothing = There is no such subscription now, so there is nothing to do.
bulk-mistyped = That was not <code>{ $count }</code>, so nothing has changed. Send exactly this number to begin.
bulk-state = { $state ->
    [running] ▶️ <b>{ $name }, No. { $number }</b>: under way
    [paused] ⏸ <b>{ $name }, No. { $number }</b>: paused
    [cancelled] ⛔️ <b>{ $name }, No. { $number }</b>: cancelled. What is done stays done, nothing more follows.
   *[done] ✅ <b>{ $name }, No. { $number }</b>: done
}
bulk-not-begun = ⛔️ <b>{ $name }, No. { $number }</b>: not begun
bulk-title-extend = Days
bulk-title-new-links = New links
bulk-title-move = A panel’s move
bulk-done-count = ✓ Done: { $done } of { $total }
bulk-skipped-count = ⏭ Nothing to do any more: { $count }
bulk-failed-count = ❗️ Failed: { $count }. The table says why.
bulk-pace = The rest follows as fast as the panels take it. Those who buy go first.
bulk-pause = ⏸ Pause
bulk-resume = ▶️ Go on
bulk-cancel = ⛔️ Cancel
bulk-csv = 📊 Each one, as CSV
bulk-pause-toast = Paused
bulk-resume-toast = It goes on
bulk-cancel-toast = Cancelled

# Alerts: at most 200 characters, no markup.
error-bulk-changed = It has ended, or another operator was faster. Open it again to see how it is.
error-bulk-grown = There are noticeably more of them now than you were shown, so nothing has begun. Look at it again.
error-bulk-nothing = There is no such subscription any more, so nothing has begun.
