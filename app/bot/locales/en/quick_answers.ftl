quick-answers =
    ⚡ <b>Quick answers: { $count } of { $most }</b>

    Each is a button under users’ questions. Tap one to read, change or delete it.
quick-answers-none =
    ⚡ <b>No quick answers yet</b>

    Owners and managers keep them: texts with a name, sent by one tap.
quick-answers-keep = ✏️ Edit the list
quick-answers-back = ‹ Quick answers
quick-answer-button = ⚡ Quick
quick-answer-choose = ⚡ <b>A quick answer to</b> { $person }. A tap sends it at once.
quick-answer-add = ➕ Add
quick-answer-change = ✏️ Change
quick-answer-delete = 🗑 Delete
quick-answer-ask =
    ⚡ <b>The quick answer in one message</b>: its name in the first line (up to { $name } characters), its text below (up to { $text }).

    Changed your mind? /cancel
quick-answer-unfit = It needs a name in the first line (up to { $name } characters) and a text below (up to { $text }). Please send it again.
error-quick-answer-gone = That quick answer is gone: open the list again.
error-quick-answers-full = There are 30 quick answers already. Delete one to add another.
error-quick-answer-taken = There is a quick answer of that name. Please send it with another one.
