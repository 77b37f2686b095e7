forum =
    💬 <b>Questions come here now</b>

    Each user has a topic. What operators write in it goes to the user; what begins with “/” stays here. Closing a topic closes the conversation. Write as yourself, not as the group.
forum-leave = ↩️ Back to private chats
forum-left = ↩️ Questions go to each operator’s own chat again. The topics stay as they are.
forum-unfit =
    ⚠️ <b>It doesn’t work here yet</b>

    It takes a group with topics switched on, where the bot is an administrator who may manage topics. Set that, and send /forum again.
forum-lost =
    ⚠️ <b>Support’s forum can’t be used any more</b>

    The bot was removed from the group, or may not manage topics. Questions come here again, and none is lost. Once that is mended, send /forum in the group.
topic-card =
    👤 <b>{ $name }</b> ({ $person })

    Write in this topic: the user gets it as it is.
topic-to-card = 🪪 Card
topic-quick = ⚡ Quick answer
topic-answers = ⚡ What shall we send?
topic-answers-none = There are no quick answers yet: add some in the private chat with the bot, under “Questions”.
topic-sent = ✓ <b>Sent</b>
topic-answered = ✓ <b>{ $name }</b> answers from a private chat
topic-closed = { $by ->
    [operator] ✅ The conversation is closed
   *[user] ✅ The user says it’s solved
}
topic-erased = The user has erased their data.
