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
support-ask =
    💬 <b>Support</b>

    Write your question; photos, files and voice messages get through too. A real human will read it and answer right here.

    Changed your mind? /cancel
support-sent = { $count ->
    [one] ✓ Passed on! The answer will arrive here, in this chat. Anything to add? Just write.
   *[other] ✓ Passed on: { $count } messages. The answer will arrive here, in this chat. Anything to add? Just write.
}
support-kind = This kind of message doesn’t get through 🙈 Please put it into words, or send a photo or a file.
support-go-on = Anything else? Just write here.
support-close = ✅ Solved
support-solved = ✅ Solved, great! If anything comes up, write to us again.
support-closed = 💬 Support has closed your question. Not solved yet? Write to us again, and we’ll go on.
support-text-only = Only text gets through here 🙈 Please put it into words, in one message.
support-answer-gone = 💬 Support has sent you something and deleted it again. Questions left? Just write here.
