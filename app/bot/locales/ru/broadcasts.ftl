broadcast-off = 🔕 Не присылать новости
broadcast-progress =
    { $state ->
        [running] 📣 <b>Рассылка { $number }</b> идёт
        [paused] ⏸ <b>Рассылка { $number }</b> на паузе
        [cancelled] ⛔️ <b>Рассылка { $number }</b> отменена: отправленное остаётся, больше ничего не уйдёт
       *[done] ✅ <b>Рассылка { $number }</b> отправлена
    }
broadcast-sent = ✉️ Отправлено: { $sent } из { $total }
broadcast-unreachable = 🚫 Заблокировали бота: { $count }
broadcast-skipped = 🔕 Не хотят новостей или удалились: { $count }
broadcast-failed = ❗️ Telegram отказал: { $count }
broadcast-doubtful = ❔ Возможно, дошло (второй раз не шлём): { $count }
broadcast-pace = ⏱ { $rate } в минуту,
broadcast-left = { $minutes ->
    [0] осталось меньше минуты.
    [one] осталась примерно { $minutes } минута.
    [few] осталось примерно { $minutes } минуты.
   *[many] осталось примерно { $minutes } минут.
}
broadcast-stopped =
    ❗️ Остановилась сама: <code>{ $error }</code>

    Если сообщение удалили из этого чата, отмените и напишите его заново. Иначе продолжите: она пойдёт с того же места.
broadcast-pause = ⏸ Пауза
broadcast-resume = ▶️ Продолжить
broadcast-cancel = ⛔️ Отменить
error-broadcast-changed = С этой рассылкой уже что-то сделали. Откройте /broadcast: там видно, что с ней.
