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
broadcasts =
    📣 <b>Рассылки</b>

    Одно сообщение многим: каждому придёт копия, а кто ждёт ответа в чате, получит его раньше.
broadcasts-none =
    📣 <b>Рассылки</b>

    Одно сообщение многим: каждому придёт копия, а кто ждёт ответа в чате, получит его раньше. Пока не было ни одной.
broadcasts-new = ✏️ Новая рассылка
broadcasts-one = { $state ->
    [draft] ✏️ { $number }: черновик
    [scheduled] 🕐 { $number }: запланирована
    [running] 📣 { $number }: { $sent } из { $total }
    [paused] ⏸ { $number }: { $sent } из { $total }
    [cancelled] ⛔️ { $number }: { $sent } из { $total }
   *[done] ✅ { $number }: { $sent } из { $total }
}
broadcast-write =
    ✏️ <b>Напишите сообщение</b> так, как его увидят пользователи: текст с оформлением, картинка, видео или файл с подписью. Можно и переслать сюда готовое.

    Не удаляйте его из этого чата до конца рассылки: каждый получит его копию.
broadcast-album = У альбома не бывает кнопок, поэтому разослать его нельзя. Пришлите одну картинку с подписью.
broadcast-kind-refused = Такие сообщения Telegram не копирует. Пришлите текст, картинку, видео или файл.
broadcast-draft =
    ✏️ <b>Рассылка { $number }</b>: черновик. Выше — то, что увидят пользователи.

    👥 Кому: { $segment } — { $recipients ->
        [one] { $recipients } пользователь
        [few] { $recipients } пользователя
       *[many] { $recipients } пользователей
    }
    🔗 Кнопок: { $buttons }
broadcast-to-segment = 👥 Кому
broadcast-to-buttons = 🔗 Кнопки
broadcast-test = 🧪 Пробная копия
broadcast-test-sent = Вот так её увидят пользователи
broadcast-later = 🕐 Позже
broadcast-now = ▶️ Сейчас
broadcast-delete-draft = 🗑 Удалить
broadcast-draft-deleted = Черновик удалён
broadcast-back = ← Назад
broadcast-others = 📣 Рассылки
segments =
    👥 <b>Кому?</b> Сейчас: { $segment }.

    Кто заблокировал бота или не хочет новостей, не попадёт сам собой. Кто входит, решается в момент начала.
segment-all = Всем
segment-active = С платным доступом
segment-trial = На пробном периоде
segment-ended = Доступ кончился за последние { $value } дн.
segment-never-bought = Ни разу не покупали
segment-plan = Тариф { $value }
segment-source-invited = По приглашению
segment-source-direct = Пришли сами
segment-promo-code = С промокодом { $value }
segment-campaign = Пришли по кампании { $value }
segment-language-any = 🌐 Любой
segment-language-ru = 🇷🇺 Русский
segment-language-en = 🇬🇧 Английский
segments-ended = Доступ кончился …
segments-plan = По тарифу …
segments-source = Откуда пришли …
segments-promo-code = По промокоду …
segments-campaign = По кампании …
segment-values = Что именно?
segment-values-none = Таких пока нет.
broadcast-buttons =
    🔗 <b>Кнопки</b>: по одной в строке, не больше { $most }.

    <code>Наш сайт — https://example.org</code>

    Одно тире убирает их все.
broadcast-buttons-refused =
    Это не кнопка: <code>{ $line }</code>

    Напишите «Текст — https://…», по одной в строке, не больше { $most }, текст до 64 знаков.
broadcast-time =
    🕐 <b>Когда?</b> Сейчас { $now }.

    <code>18:30</code>, <code>завтра 10:00</code>, <code>25.12 12:00</code> или <code>через 2 часа</code>, не дальше 60 дней.
broadcast-time-refused =
    Такое время не подойдёт. Сейчас { $now }.

    <code>18:30</code>, <code>завтра 10:00</code>, <code>25.12 12:00</code> или <code>через 2 часа</code>, не дальше 60 дней.
broadcast-confirm =
    ▶️ <b>Отправить сейчас?</b>

    Кому: { $segment } — { $recipients ->
        [one] { $recipients } пользователь
        [few] { $recipients } пользователя
       *[many] { $recipients } пользователей
    }. Пока она идёт, её можно приостановить или отменить.
broadcast-start = ▶️ Отправить
broadcast-started = Начинаем
broadcast-scheduled =
    🕐 <b>Рассылка { $number }</b> начнётся в { $at }

    👥 Кому: { $segment }. Не удаляйте её сообщение из этого чата.
broadcast-unschedule = ↩️ Снова в черновик
broadcast-pause-toast = На паузе
broadcast-resume-toast = Идёт дальше
broadcast-cancel-toast = Отменена
broadcast-unschedule-toast = Снова черновик
error-button-line = Это не кнопка. Напишите «Текст — https://…».
error-start-time = Такое время не подойдёт.
broadcast-edit = ✏️ Изменить текст
broadcast-remove = 🗑 Удалить у всех
broadcast-edit-write =
    ✏️ <b>Новый текст</b>, сразу с оформлением. Картинка и кнопки останутся прежними.

    Он заменит старый в { $count ->
        [one] { $count } чате
       *[other] { $count } чатах
    }.
broadcast-edit-refused = Пришлите текст до { $most } знаков одним сообщением.
broadcast-edit-confirm =
    ✏️ <b>Изменить?</b> Новый текст выше. Он заменит старый в { $count ->
        [one] { $count } чате
       *[other] { $count } чатах
    }; уведомления никому не придут.
broadcast-edit-start = ✏️ Изменить
broadcast-remove-confirm =
    🗑 <b>Удалить?</b> Рассылка исчезнет из { $count ->
        [one] { $count } чата
       *[other] { $count } чатов
    }. Telegram удаляет то, чему меньше 48 часов; что старше, останется.
broadcast-remove-start = 🗑 Удалить
broadcast-change =
    { $kind ->
        [edit] ✏️ <b>Рассылка { $number }</b>: меняем текст
       *[delete] 🗑 <b>Рассылка { $number }</b>: удаляем
    }

    { $bar }
    { $changed } из { $total }
broadcast-changed =
    ✅ <b>Рассылка { $number }</b>: { $kind ->
        [edit] текст изменён в { $changed } из { $total } сообщений
       *[delete] удалено { $changed } из { $total } сообщений
    }
broadcast-change-failed = ❗️ Уже нельзя: { $count }
broadcast-change-cancel = ⏹ Остановить
broadcast-change-started = Начинаем
broadcast-change-cancelled = Остановлено: что сделано, остаётся
broadcast-csv = 📊 Кто получил: CSV
