campaigns =
    🔗 <b>Ссылки кампаний</b>

    Своя ссылка для каждого места, где вы себя показываете, и что из неё вышло. За именем — сколько пользователей она привела.
campaigns-none =
    🔗 <b>Ссылки кампаний</b>

    Рекламируетесь в нескольких местах? Дайте каждому свою ссылку и смотрите здесь, сколько людей по ней пришло, сколько взяло пробный и купило и на какую сумму.
campaigns-new = ➕ Новая ссылка
campaigns-one = { $state ->
    [archived] 📦 { $code } · { $brought }
   *[open] { $code } · { $brought }
}
campaigns-back = « Ссылки кампаний
campaign-ask =
    🔗 <b>Как её назвать?</b> Короткое имя, которое войдёт в ссылку: латинские буквы, цифры, - и _, не больше 32.

    Например, <code>habr-june</code>. Передумали? /cancel
campaign = 🔗 <b>{ $code }</b>, с { $since }
campaign-is-archived = 📦 В архиве: ссылка по-прежнему открывает бота, но больше не считается.
campaign-opened-count = 👀 Открыли: { $count }
campaign-brought = { $bar } новых в магазине: { $count }
campaign-tried = { $bar } взяли пробный: { $count } ({ $percent } %)
campaign-bought = { $bar } купили: { $count } ({ $percent } %)
campaign-revenue = 💰 Заплатили: <b>{ $amount }</b>
campaign-no-revenue = 💰 Оплат пока нет
campaign-copy = 📋 Скопировать ссылку
campaign-archive = 📦 В архив
campaign-reopen = ↩️ Считать снова
campaign-archived = В архиве
campaign-opened = Считается снова
error-campaign-code = В имени от 1 до 32 латинских букв, цифр, - и _, без пробелов. Отправьте, пожалуйста, другое.
error-campaign-taken = Ссылка с таким именем уже есть. Отправьте, пожалуйста, другое.
error-campaign-gone = Этой ссылки больше нет. Откройте /campaigns заново.
home-campaigns = 🔗 Кампании
command-campaigns = Ссылки кампаний и что они принесли
