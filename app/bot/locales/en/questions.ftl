questions-empty =
    ✅ <b>No question waits for an answer</b>

    What users ask arrives here, in this chat, and stands in this list until it is answered or closed.
questions =
    💬 <b>Waiting for an answer: { $count }</b>

    Tap a name to read it and to answer. The oldest come first.
questions-line = { $name } · { $count } · { $date }
questions-back = ‹ Questions
question = 💬 <b>{ $name }</b> ({ $person })
question-by-user = 👤 <b>The user</b>
question-by-operator = 🛠 <b>Operator</b> { $person }
question-state = { $state ->
    [open] ⏳ Waits for an answer.
    [answered] ✓ Answered.
   *[closed] ✅ Closed.
}
question-kind = { $kind ->
    [photo] 🖼 Photo
    [video] 🎬 Video
    [voice] 🎤 Voice message
    [document] 📎 File
    [sticker] 🎭 Sticker
   *[other] 📎 Attachment
}
question-answer = ✍️ Answer
question-close = ✅ Close
question-whose = 💬 { $name }
question-back = ‹ Question
question-ask-answer =
    ✍️ <b>The answer to</b> { $person }

    Write it, or send a photo, a file or a voice message: it goes to the user as it is.

    Changed your mind? /cancel
# Alerts: at most 200 characters, no markup.
question-closed-toast = Closed ✓
question-closed-before = It was closed before.
error-question-gone = There is no such question any more: open the list again.
error-asking-user-gone = The user has erased their data: nothing reaches them any more.
operator-question = 💬 <b>A question</b> from { $name } ({ $person })
operator-question-reply = Reply to this message, and your answer goes to the user.
operator-answered-by = ✓ <b>{ $name }</b> has answered { $person }
operator-answer-unheard =
    ⚠️ <b>Your answer hasn’t arrived</b>

    { $person } has blocked the bot. Write to them directly, or wait: they can ask again once they come back.
question-gone = <i>The user has deleted it since.</i>
