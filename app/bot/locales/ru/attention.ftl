attention-empty =
    ✅ <b>Ничего не ждёт решения</b>

    Всё, что должен решить оператор, появляется здесь и приходит отдельным сообщением.
attention-keys = Ключей, которые панель не выдала: { $keys }.
attention =
    🔔 <b>Ждёт решения: { $count }</b>

    Нажмите на строку, чтобы прочитать и закрыть. Сначала самые старые.
attention-days = 📅 Дать дни
attention-refund = ↩️ Вернуть деньги
attention-name = { $template ->
    [operator-activation] 🛠 Ключ не выдан
    [operator-removal] 🛠 Ключ не удалён
    [operator-payment-unmatched] ❗️ Неизвестный платёж
    [operator-payment-foreign] ❗️ Платёж не сходится
    [operator-payment-second] ❗️ Оплачено дважды
    [operator-payment-short] ❗️ Недоплата
    [operator-payment-over] ℹ️ Переплата
    [operator-payment-changed] ℹ️ Тариф уже сменился
    [operator-payment-balance-short] ❗️ Не хватило баланса
    [operator-payment-offer-over] ℹ️ Предложение закончилось
    [operator-payment-unbooked] ❗️ Нет в книгах Telegram
    [operator-payment-erased] ❗️ Владелец стёр данные
    [operator-event-malformed] ❗️ Нечитаемое событие
    [operator-event-unclear] ❗️ Неясное событие
    [operator-event-failed] ❗️ Сбой обработки
    [operator-onchain-unmatched] ❗️ Перевод без заказа
    [operator-onchain-claim] ❗️ Заявка на перевод
    [operator-onchain-other-network] ℹ️ Оплата по другой сети
    [operator-onchain-stalled] ❗️ Платежи в сети ждут
    [operator-refund-refused] ❗️ Возврат отклонён
    [operator-refund-gift] ❗️ Возврат за подарок
    [operator-refund-missing] ❗️ Возврат без покрытия
    [operator-renewal-failed] ⚠️ Сбой продления
    [operator-update-kept] ⚠️ Сбой обработчика
    [operator-onchain-address-changed] 🚨 Адрес изменён в базе
    [operator-onchain-frozen] 🚨 Адрес заморожен
    [operator-unsent] ⚠️ Не отправлено
   *[other] ❗️ Нужно взглянуть
}
attention-line = { $name } · { $date }
attention-since = <i>Открыто { $date }.</i>
attention-settle-how = <b>Чем закончилось?</b> Нажмите на ответ или напишите одним предложением, до { $most } знаков.
attention-too-long = Слишком длинно. До { $most } знаков, пожалуйста.
attention-settled =
    ✅ <b>Закрыто</b>: { $how }
attention-settled-by =
    ✅ <b>Закрыто</b>, { $person }: { $how }
attention-how = { $settlement ->
    [retried] запущено снова
    [delivered] выдано
    [refunded] деньги возвращены
    [credited] зачислено
    [irrelevant] делать нечего
   *[recovered] прошло само
}
attention-how-button = { $settlement ->
    [delivered] 📦 Выдано
    [refunded] ↩️ Возвращено
    [credited] 💰 Зачислено
   *[irrelevant] 🤷 Делать нечего
}
attention-open = 🔔 Закрыть
attention-settle = ✅ Закрыть…
attention-retry-all = 🔄 Повторить все ключи
attention-back = ‹ Ждёт решения
attention-older = ‹ Назад
attention-newer = Дальше ›

# Alerts: at most 200 characters, no markup.
attention-done = Закрыто ✓
attention-done-before = Это уже было закрыто.
attention-retried-all = { $count ->
    [0] Ни один ключ не ждёт.
    [one] { $count } ключ: пробуем снова ✓
    [few] { $count } ключа: пробуем снова ✓
   *[other] { $count } ключей: пробуем снова ✓
}
error-attention-gone = Этого здесь больше нет: откройте список заново.
