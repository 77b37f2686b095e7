support-ask =
    💬 <b>Support</b>

    Write your question in one message. A real human will read it and answer right here.

    Changed your mind? /cancel
support-sent = ✓ Passed on! The answer will arrive here, in this chat.
support-text-only = Only text gets through here 🙈 Please write your question in one message.
support-too-long = That’s a bit long: { $length ->
    [one] { $length } character
   *[other] { $length } characters
}, and { $limit } fit. Please shorten it and send it again.
support-too-many =
    Your questions have reached us, and we read every one 🙏 This one has not been passed on yet. Please send it again { $minutes ->
        [one] in a minute
       *[other] in { $minutes } minutes
    }, right here.
support-answer = 💬 <b>An answer from support</b>
support-message = ✉️ <b>A message from support</b>
support-again = ✍️ Write again
support-direct = ✍️ Write to { $name }
