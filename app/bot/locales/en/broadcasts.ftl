broadcast-off = 🔕 No more news
broadcast-progress =
    { $state ->
        [running] 📣 <b>Broadcast { $number }</b> is going out
        [paused] ⏸ <b>Broadcast { $number }</b> is paused
        [cancelled] ⛔️ <b>Broadcast { $number }</b> was cancelled: what was sent stays, nothing more is
       *[done] ✅ <b>Broadcast { $number }</b> is sent
    }
broadcast-sent = ✉️ Sent: { $sent } of { $total }
broadcast-unreachable = 🚫 Have blocked the bot: { $count }
broadcast-skipped = 🔕 Want no news, or are gone: { $count }
broadcast-failed = ❗️ Refused by Telegram: { $count }
broadcast-doubtful = ❔ Perhaps delivered, and not sent twice: { $count }
broadcast-pace = ⏱ { $rate } a minute,
broadcast-left = { $minutes ->
    [0] less than a minute left.
    [one] about { $minutes } minute left.
   *[other] about { $minutes } minutes left.
}
broadcast-stopped =
    ❗️ It stopped by itself: <code>{ $error }</code>

    If the message was deleted from this chat, cancel and write it anew. Otherwise resume: it goes on where it was.
broadcast-pause = ⏸ Pause
broadcast-resume = ▶️ Go on
broadcast-cancel = ⛔️ Cancel
error-broadcast-changed = This broadcast is not at that point any more. Open /broadcast to see where it is.
