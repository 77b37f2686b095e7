web-table-users = Пользователи
web-table-orders = Заказы
web-table-ledger = Проводки
web-table-subscriptions = Подписки
web-table-promo-codes = Промокоды
web-table-broadcasts = Рассылки
web-table-outbox = Исходящие
web-table-incidents = Инциденты
web-table-failed-updates = Сбойные апдейты
web-audit = Аудит
web-live = Что работает
web-live-text = Версия { $version }. Обновляется каждые пять секунд, пока страница открыта.
web-live-workers = Воркеры
web-live-chains = Сети
web-live-endpoints = Узлы
web-tab-all = Все
web-tab-blocked = Заблокированы
web-tab-unreachable = Недоступны
web-tab-paid = Оплачены
web-tab-open = Открыты
web-tab-refunded = Возвращены
web-tab-waiting = Ждут
web-tab-failed = Не отправлены
web-table-empty = Здесь пусто.
web-first = « В начало
web-next = Дальше »
web-csv = Всё в CSV
web-filter = Показать
web-filter-user = Telegram id пользователя
web-find = Имя, @имя, id, заказ, счёт, хеш
web-find-button = Найти
web-user-erased = Заказ есть, но данные его владельца стёрты.
web-user-unknown = Пользователя с таким id нет.
web-user-subscriptions = Последние подписки
web-user-orders = Последние заказы
web-user-chat = Действия в чате »
web-col-id = №
web-col-user-id = Пользователь
web-col-chat-id = Чат
web-col-first-name = Имя
web-col-username = @имя
web-col-language = Язык
web-col-created-at = С
web-col-had-access-at = Первый доступ
web-col-referrer-id = Кто пригласил
web-col-invited = Пригласил
web-col-balance = Баланс
web-col-blocked-at = Блокировка
web-col-unreachable-at = Недоступен
web-col-broadcasts-off-at = Без рассылок с
web-col-kind = Вид
web-col-status = Состояние
web-col-plan = Тариф
web-col-months = Месяцев
web-col-price = Цена
web-col-discount = Скидка
web-col-provider = Способ
web-col-paid-at = Оплачен
web-col-refunded-at = Возвращён
web-col-amount = Сумма
web-col-purchase-id = Заказ
web-col-reason = Причина
web-col-is-trial = Пробная
web-col-activation-status = Состояние
web-col-auto-renew = Продление
web-col-expires-at = До
web-col-attempts = Попыток
web-col-last-error = Последняя ошибка
web-col-code = Код
web-col-value = Значение
web-col-max-uses = Применений не больше
web-col-starts-at = С
web-col-ends-at = По
web-col-archived-at = В архиве
web-col-state = Состояние
web-col-segment-kind = Кому
web-col-segment-value = Уточнение
web-col-ended-at = Конец
web-col-total = Получателей
web-col-sent = Отправлено
web-col-unreachable = Недоступны
web-col-failed = Ошибок
web-col-template = Шаблон
web-col-due-at = Срок
web-col-sent-at = Отправлено
web-col-subject = О чём
web-col-opened-at = С
web-col-closed-at = По
web-col-outages = Сбоев
web-col-affected = Ждали самое большее
web-col-error = Ошибка
web-col-update-id = Апдейт
web-col-sender-id = От кого
web-col-actor = Кто
web-col-action = Что
web-col-details = Подробности
web-col-worker = Воркер
web-col-outcome = Последний проход
web-col-last-start-at = Начат
web-col-last-end-at = Закончен
web-col-duration-ms = мс
web-col-failures = Сбоев
web-col-chain = Сеть
web-col-endpoint = Узел
web-col-endpoint-state = Состояние
web-col-lag = Отстаёт, блоков
web-col-latency-ms = мс
web-col-head = Последний блок
web-col-final = Окончательный
web-col-head-at = Блок от
web-col-seen-at = Последний цикл
web-col-failing-since = Недоступна с
web-word-kind = { $word ->
    [plan] тариф
    [renewal] продление
    [top_up] пополнение
    [trial] пробный
    [gift] подарок
    [payment] платёж
    [sale] продажа
    [credit] остаток тарифа
    [refund] возврат
    [payout] выплата
    [referral] за друга
    [promo] промокод
    [correction] правка
    [percent] скидка в процентах
    [amount] скидка суммой
    [days] дни
    [balance] на баланс
    [trial_days] дольше пробный
    [panel] VPN-панель
    [cryptobot] Crypto Pay
    [chain] сеть
    [redis] Redis
    [outbox] исходящие
    [workers] воркеры
    [webhook] вебхук Telegram
    [memory] память
   *[other] { $word }
}
web-word-status = { $word ->
    [created] начат
    [pending] ждёт оплаты
    [paid] оплачен
    [expired] истёк
    [cancelled] отменён
    [refunded] возвращён
    [unresolved] для роли
    [waiting] ждёт
    [sent] отправлено
    [unreachable] недоступен
    [doubtful] под вопросом
    [failed] ошибка
    [withdrawn] отозвано
   *[other] { $word }
}
web-word-activation-status = { $word ->
    [pending] выдаётся
    [active] активна
    [needs_attention] требует внимания
    [removal_pending] удаляется
    [removed] закончилась
   *[other] { $word }
}
web-word-state = { $word ->
    [draft] черновик
    [scheduled] по расписанию
    [running] идёт
    [paused] на паузе
    [done] отправлена
    [cancelled] отменена
   *[other] { $word }
}
web-word-segment-kind = { $word ->
    [all] все
    [active] с оплаченным доступом
    [trial] на пробном
    [ended] недавно закончились
    [never_bought] ни разу не покупали
    [plan] тариф
    [source] откуда пришли
    [promo_code] промокод
    [campaign] кампания
   *[other] { $word }
}
web-word-outcome = { $word ->
    [ok] в порядке
    [failed] ошибка
    [timeout] не уложился
    [cancelled] прерван
   *[other] { $word }
}
