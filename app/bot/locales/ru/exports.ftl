exports =
    📤 <b>Таблицы магазина</b>

    В CSV, для любой программы с таблицами. Ключей внутри нет, но есть данные пользователей: храните файлы там, где их мало кто увидит. Каждая выгрузка записывается в журнал.

    Какую выгрузить?
exports-running = ⏳ Сейчас готовится: { $table }, строк пока { $rows }.
export-users = 👤 Пользователи
export-payments = 💳 Платежи
export-ledger = 📒 Проводки
export-subscriptions = 🔑 Подписки
export-promo = 🎟 Промокоды
export-recipients = 📣 Рассылки: кто что получил
export-bulk = 🧰 Действия сразу многим
export-onchain = ⛓ Переводы в сети
export-audit = 🧾 Журнал
export =
    📤 <b>{ $table }</b>

    В каждой строке: { $columns }.

    Файл готовится в фоне и придёт сюда. В магазине ничего не изменится.
export-holds-users = id, имя, username, язык, с какого времени, кто пригласил, первый доступ, заблокирован ли бот
export-holds-payments = заказ, пользователь, тариф, цена, скидка, сколько и чем заплачено, когда, возврат
export-holds-ledger = когда, пользователь, вид проводки, сумма, заказ, причина
export-holds-subscriptions = пользователь, тариф, пробный ли, автопродление, состояние, начало и конец, лимиты
export-holds-promo = когда, пользователь, код, заказ, скидка
export-holds-recipients = рассылка, пользователь, что с ней стало, когда, ответ Telegram
export-holds-bulk = действие, подписка, пользователь, что с ней стало, её конец до и после, когда, почему нет
export-holds-onchain = время блока, сеть, контракт, токен, хеш, отправитель, сумма, стоимость и её курс, заказ, пользователь, что с ним стало и кто решил
export-holds-audit = когда, кто, что сделал, с чем, подробности
export-excel = 📊 Для Excel
export-plain = 📄 Для других программ
export-others = 📤 Другие таблицы
export-started = Начали: файл придёт сюда
export-progress =
    ⏳ <b>{ $table }</b>

    Строк: { $rows } примерно из { $total }. Файл придёт сюда сам.
export-file = { $table }
export-part = { $table }: часть { $number } из { $count }
export-ready =
    ✅ <b>{ $table }</b>

    Готово: { $rows ->
        [one] { $rows } строка
        [few] { $rows } строки
       *[many] { $rows } строк
    }, { $parts ->
        [one] один файл
        [few] { $parts } файла
       *[many] { $parts } файлов
    } в этом чате.
export-failed =
    ❗️ <b>{ $table }</b>: не получилось ({ $error })

    Попробуйте ещё раз или выгрузите командой: <code>python main.py export { $kind } --out ФАЙЛ</code>
error-export-running = Для вас уже готовится таблица. Следующую можно начать, когда она придёт.
