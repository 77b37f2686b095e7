button-faq = 📖 Questions and answers
button-rules = 📜 Rules
menu-nameless = friend
faq =
    📖 <b>Questions and answers</b>

    Pick yours. If it isn’t here, support is one tap away.

edit-pages = 📝 Pages and texts
pages-edit = { $language ->
    [ru] 📝 <b>The bot’s own pages, in Russian</b>
   *[en] 📝 <b>The bot’s own pages, in English</b>
}

    ✏️ marks those with a text of yours; the others have the standard one.
pages-edit-back = « Pages and texts
page-in-language = { $language ->
    [ru] 🇷🇺 In Russian
   *[en] 🇬🇧 In English
}
page-label = { $state ->
    [own] ✏️{" "}
   *[standard] {""}
}{ $name ->
    [welcome] Welcome
    [menu] Menu
    [help] Help
    [rules] Rules
    [trial] Free trial
    [connect] How to connect
    [connect-ios] iPhone
    [connect-android] Android
    [connect-windows] Windows
    [connect-macos] macOS
    [key-ready-next] After payment
    [support-ask] Support
   *[maintenance] Maintenance
}
page-faq = 📖 Questions and answers: { $count }
page-head = 📝 <b>{ $name ->
    [welcome] Welcome
    [menu] Menu
    [help] Help
    [rules] Rules
    [trial] Free trial
    [connect] How to connect
    [connect-ios] How to connect: iPhone
    [connect-android] How to connect: Android
    [connect-windows] How to connect: Windows
    [connect-macos] How to connect: macOS
    [key-ready-next] After payment, below the key
    [support-ask] Support, before the question
   *[maintenance] Maintenance
}</b> · { $language ->
    [ru] Russian
   *[en] English
} · { $state ->
    [own] your text
   *[standard] standard
}
page-ask = ✍️ Send the new text as it should look: bold, links and the rest stay. Up to { $most } characters.
page-ask-picture = 🖼 A picture goes with it: send it alone, or with the text as its caption (then 900 characters).
page-placeholders = Filled in for each user: { $names }
page-refused = ⚠️ { $reason ->
    [picture] This page has no picture. Send a text, please.
    [empty] Send a text or a picture, please.
   *[html] Telegram doesn’t take this formatting. Please simplify it and send it again.
}
page-unknown-placeholder = ⚠️ We don’t know <code>{ $name }</code>. Please write one of those below, or no braces.
page-too-long = ⚠️ { $length } characters are too many: { $most } fit. Please shorten it and send it again.
page-reset = { $name ->
    [rules] 🗑 Take the page away
   *[other] ↩️ Standard text
}
page-no-picture = 🗑 Without the picture
page-apply = { $language ->
    [ru] ✅ Show it like this, in Russian
   *[en] ✅ Show it like this, in English
}
page-gone = 🗑 This page will be gone, and so will its button.
page-standard-again = The standard text is back.
page-sample-name = { $name }
faq-edit = 📖 <b>Questions and answers, { $language ->
    [ru] in Russian
   *[en] in English
}</b>: { $count } of { $most }

    While there is none, users see no button for it.
faq-add = ➕ Add
faq-picture = 🖼 Picture
faq-change = ✏️ Change
faq-up = ⬆️ Higher
faq-delete = 🗑 Delete
faq-back = « Questions and answers
faq-ask =
    📖 <b>{ $language ->
        [ru] A question in Russian
       *[en] A question in English
    }</b>

    Send the question in the first line, up to { $question } characters, and the answer below it, up to { $answer }. Formatting stays.
faq-unfit = 🤔 Question and answer are needed, and both must fit. Please send them again.
faq-ask-picture = 🖼 Send the picture for the list of questions.

# Alerts: at most 200 characters, no markup.
error-faq-entry-gone = This question is no longer there. The list has those that are.
error-faq-full = There are 20 already. Please delete one first.
