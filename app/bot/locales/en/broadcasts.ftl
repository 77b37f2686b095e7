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
broadcasts =
    📣 <b>Broadcasts</b>

    One message to many users, a copy for each, behind everyone who waits in a chat.
broadcasts-none =
    📣 <b>Broadcasts</b>

    One message to many users, a copy for each, behind everyone who waits in a chat. There was none yet.
broadcasts-new = ✏️ New broadcast
broadcasts-one = { $state ->
    [draft] ✏️ { $number }: draft
    [scheduled] 🕐 { $number }: scheduled
    [running] 📣 { $number }: { $sent } of { $total }
    [paused] ⏸ { $number }: { $sent } of { $total }
    [cancelled] ⛔️ { $number }: { $sent } of { $total }
   *[done] ✅ { $number }: { $sent } of { $total }
}
broadcast-write =
    ✏️ <b>Write the message</b> as your users shall see it: a text with formatting, a picture, a video or a file with a caption. You can also forward one here.

    Keep it in this chat until the broadcast is over: each user gets a copy of it.
broadcast-album = An album can’t have buttons, so it can’t be broadcast. Send one picture with a caption, please.
broadcast-kind-refused = Telegram copies no message of this kind. Send a text, a picture, a video or a file, please.
broadcast-draft =
    ✏️ <b>Broadcast { $number }</b>: a draft. Above is what users will see.

    👥 To: { $segment } — { $recipients ->
        [one] { $recipients } user
       *[other] { $recipients } users
    }
    🔗 Buttons: { $buttons }
broadcast-to-segment = 👥 To whom
broadcast-to-buttons = 🔗 Buttons
broadcast-test = 🧪 Test copy
broadcast-test-sent = Here it is, as your users will see it
broadcast-later = 🕐 Later
broadcast-now = ▶️ Now
broadcast-delete-draft = 🗑 Delete
broadcast-draft-deleted = The draft is deleted
broadcast-back = ← Back
broadcast-others = 📣 Broadcasts
segments =
    👥 <b>To whom?</b> Now: { $segment }.

    Who has blocked the bot or wants no news is left out by itself. Who belongs to it is decided when it starts.
segment-all = Everybody
segment-active = With paid access
segment-trial = On a trial
segment-ended = Access ended in the last { $value } days
segment-never-bought = Never bought
segment-plan = Plan { $value }
segment-source-invited = Invited by a user
segment-source-direct = Came by themselves
segment-promo-code = Used code { $value }
segment-campaign = Came by campaign { $value }
segment-language-any = 🌐 Any
segment-language-ru = 🇷🇺 Russian
segment-language-en = 🇬🇧 English
segments-ended = Access ended …
segments-plan = By plan …
segments-source = By how they came …
segments-promo-code = By promo code …
segments-campaign = By campaign …
segment-values = Which?
segment-values-none = There are none of these yet.
broadcast-buttons =
    🔗 <b>Buttons</b>: a line each, at most { $most }.

    <code>Our site — https://example.org</code>

    A single dash removes them all.
broadcast-buttons-refused =
    This line is no button: <code>{ $line }</code>

    Write “Text — https://…”, a line each, at most { $most } of them, up to 64 characters of text.
broadcast-time =
    🕐 <b>When?</b> It is { $now } now.

    <code>18:30</code>, <code>tomorrow 10:00</code>, <code>25.12 12:00</code> or <code>in 2 hours</code>, at most 60 days ahead.
broadcast-time-refused =
    That is no time we could keep. It is { $now } now.

    <code>18:30</code>, <code>tomorrow 10:00</code>, <code>25.12 12:00</code> or <code>in 2 hours</code>, at most 60 days ahead.
broadcast-confirm =
    ▶️ <b>Send it now?</b>

    To: { $segment } — { $recipients ->
        [one] { $recipients } user
       *[other] { $recipients } users
    }. You can pause or cancel it while it goes out.
broadcast-start = ▶️ Send
broadcast-started = It begins
broadcast-scheduled =
    🕐 <b>Broadcast { $number }</b> starts at { $at }

    👥 To: { $segment }. Keep its message in this chat.
broadcast-unschedule = ↩️ Back to the draft
broadcast-pause-toast = Paused
broadcast-resume-toast = It goes on
broadcast-cancel-toast = Cancelled
broadcast-unschedule-toast = A draft again
error-button-line = This line is no button. Write “Text — https://…”.
error-start-time = That is no time we could keep.
broadcast-edit = ✏️ Change the text
broadcast-remove = 🗑 Delete from chats
broadcast-edit-write =
    ✏️ <b>The new text</b>, formatted as it shall be. Picture and buttons stay as they are.

    It takes the place of the old one in { $count ->
        [one] { $count } chat
       *[other] { $count } chats
    }.
broadcast-edit-refused = Please send a text of at most { $most } characters, as one message.
broadcast-edit-confirm =
    ✏️ <b>Change it?</b> Above is the new text. It takes the place of the old one in { $count ->
        [one] { $count } chat
       *[other] { $count } chats
    }; nobody is notified of it.
broadcast-edit-start = ✏️ Change
broadcast-remove-confirm =
    🗑 <b>Delete it?</b> It disappears from { $count ->
        [one] { $count } chat
       *[other] { $count } chats
    }. Telegram deletes what is younger than 48 hours; where it is older, it stays.
broadcast-remove-start = 🗑 Delete
broadcast-change =
    { $kind ->
        [edit] ✏️ <b>Broadcast { $number }</b>: the text is being changed
       *[delete] 🗑 <b>Broadcast { $number }</b> is being deleted
    }

    { $bar }
    { $changed } of { $total }
broadcast-changed =
    ✅ <b>Broadcast { $number }</b>: { $kind ->
        [edit] { $changed } of { $total } texts are changed
       *[delete] { $changed } of { $total } messages are deleted
    }
broadcast-change-failed = ❗️ Not possible any more: { $count }
broadcast-change-cancel = ⏹ Stop
broadcast-change-started = It begins
broadcast-change-cancelled = Stopped: what is done stays so
broadcast-csv = 📊 Who got it, as CSV
