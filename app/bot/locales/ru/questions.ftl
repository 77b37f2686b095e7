questions-empty =
    ✅ <b>Никто не ждёт ответа</b>

    Вопросы приходят сюда, в этот чат, и стоят в этом списке, пока на них не ответят или их не закроют.
questions =
    💬 <b>Ждут ответа: { $count }</b>

    Нажмите на имя, чтобы прочитать и ответить. Сначала самые старые.
questions-line = { $name } · { $count } · { $date }
questions-back = ‹ Вопросы
question = 💬 <b>{ $name }</b> ({ $person })
question-by-user = 👤 <b>Пользователь</b>
question-by-operator = 🛠 <b>Оператор</b> { $person }
question-state = { $state ->
    [open] ⏳ Ждёт ответа.
    [answered] ✓ Отвечено.
   *[closed] ✅ Закрыто.
}
question-kind = { $kind ->
    [photo] 🖼 Фото
    [video] 🎬 Видео
    [voice] 🎤 Голосовое
    [document] 📎 Файл
    [sticker] 🎭 Стикер
   *[other] 📎 Вложение
}
question-answer = ✍️ Ответить
question-close = ✅ Закрыть
question-whose = 💬 { $name }
question-back = ‹ Вопрос
question-ask-answer =
    ✍️ <b>Ответ для</b> { $person }

    Напишите его или пришлите фото, файл или голосовое: пользователь получит всё как есть.

    Передумали? /cancel
# Alerts: at most 200 characters, no markup.
question-closed-toast = Закрыто ✓
question-closed-before = Это уже закрыто.
error-question-gone = Такого вопроса больше нет: откройте список заново.
error-asking-user-gone = Пользователь стёр свои данные: до него больше ничего не дойдёт.
operator-question = 💬 <b>Вопрос</b> от { $name } ({ $person })
operator-question-reply = Ответьте на это сообщение, и ответ уйдёт пользователю.
operator-answered-by = ✓ <b>{ $name }</b> — ответ для { $person }
operator-answer-unheard =
    ⚠️ <b>Ваш ответ не дошёл</b>

    { $person } заблокировал бота. Напишите напрямую или подождите: вернувшись, он сможет спросить снова.
question-gone = <i>Пользователь успел удалить это сообщение.</i>
