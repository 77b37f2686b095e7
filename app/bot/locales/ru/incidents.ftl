incident-open = 🔴 <b>{ $title }</b> с { $since }.
incident-error = Причина: <code>{ $error }</code>
incident-flaps = То пропадает, то возвращается: сбоев уже { $count }.

incident-title-panel = { $named ->
    [yes] VPN-панель { $subject } недоступна
   *[no] VPN-панель недоступна
}
incident-title-cryptobot = Crypto Pay недоступен
incident-title-chain = Ни один узел { $subject } не отвечает
incident-title-redis = Redis не отвечает
incident-title-outbox = Сообщения не уходят
incident-title-workers = Фоновая работа не идёт
incident-title-webhook = Вебхук Telegram изменили не мы
incident-title-memory = Сервису нужно больше памяти, чем обычно

incident-meaning-panel = Заказы принимаются как обычно, ключи ждут. Как только панель вернётся, выдадим их сами. Проверьте, пожалуйста, панель.
incident-meaning-cryptobot = Заплатить через Crypto Pay нельзя, остальные способы открыты. Ни один платёж не потеряется: зачтём, как только Crypto Pay ответит. Если это надолго, проверьте токен: <code>python main.py doctor</code>
incident-meaning-chain = Слежение в этой сети стоит, и карточки так и говорят. Ничего не теряется. Если это надолго, добавьте узел; как дела у каждого, покажет /rpc.
incident-meaning-redis = Магазин работает и без него. Проверьте, пожалуйста, сервер Redis.
incident-meaning-outbox = Люди ждут ключей и сообщений. Ничего не потеряно: всё уйдёт по порядку. Загляните, пожалуйста, в лог и в /health.
incident-meaning-workers = То, чем заняты эти обработчики, ждёт, а сами они пробуют дальше. Причина в логе, в строках ITERATION_END.
incident-meaning-webhook = Мы вернули свой адрес, ни одно сообщение не потеряно. Если это повторится, токеном бота пользуется другой сервис: остановите его или смените токен в @BotFather.
incident-meaning-memory = Всё по-прежнему работает. Если память растёт и дальше, перезапустите сервис и напишите нам, чем он был занят.

incident-waiting-panel = Заказов ждёт: { $count }
incident-waiting-cryptobot = Неоплаченных счетов: { $count }
incident-waiting-outbox = Сообщений ждёт: { $count }

incident-over = ✅ <b>{ $title }</b>. Перерыв: { $length }.
incident-over-panel = { $named ->
    [yes] VPN-панель { $subject } снова работает
   *[no] VPN-панель снова работает
}
incident-over-cryptobot = Crypto Pay снова работает
incident-over-chain = Сеть { $subject } снова видна
incident-over-redis = Redis снова работает
incident-over-outbox = Сообщения снова уходят
incident-over-workers = Фоновая работа снова идёт
incident-over-webhook = Вебхук Telegram снова наш
incident-over-memory = Памяти сервису снова нужно как обычно
incident-over-flaps = Сбоев за это время: { $count }.

incident-done-panel = Заказов ждало: { $count }, все выданы.
incident-done-outbox = Сообщений ждало: { $count }, все отправлены.
incident-left-panel = Заказов ждало: { $count }, уже выдано: { $done }. Занимаемся остальными.
incident-left-outbox = Сообщений ждало: { $count }, уже отправлено: { $done }. Занимаемся остальными.

operator-service-away =
    ⚠️ <b>Сервис не работал</b> с { $since }. Перерыв: { $length }.

    Он вернулся: обновления и платежи за это время разбираются, ничего не потеряно. Причина в логе: WATCHDOG_GRACE_END, если он завис, lock_unreachable, если не было PostgreSQL; иначе посмотрите на сервер.
operator-database-down =
    🔴 <b>PostgreSQL не принимает изменений с { $since }.</b>

    Купить ничего нельзя. Платежи ждут у своих сервисов и потом придут сами. Посмотрите, пожалуйста, на базу: она только для чтения или в ней нет места?

    Причина: <code>{ $error }</code>
operator-database-back = ✅ PostgreSQL снова принимает изменения. Перерыв: { $length }. Всё, что ждало, разбираем.
incident-give-days = 🎁 Дни тем, кого задело: { $count }
days-for-outage =
    🎁 <b>Вам добавили { $days }</b>

    Наши серверы не работали с { $since } (перерыв: { $length }). Простите нас и спасибо за терпение.

    Теперь доступ до { $until }. Делать ничего не нужно.
