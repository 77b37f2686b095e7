home-edit = ✏️ Настроить магазин
edit-shop =
    ✏️ <b>Настроить магазин</b>

    Что поменяем? Каждую правку мы сначала покажем так, как её увидят пользователи, и она действует сразу.
edit-section = { $section ->
    [maintenance] 🚧 Техработы
    [payments] 💳 Оплата
    [trial] 🎁 Пробный период
    [referral] 👥 Друзья
    [reminders] ⏰ Напоминания
    [contacts] 📣 Контакты
    [tracking] 🔎 Трекер
    [bridge] 🌉 Мост
    [launch] 🌱 Мягкий запуск
    [win-back] ♻️ Возврат
   *[hours] 🕘 Часы
}
edit-section-head = { $section ->
    [maintenance] 🚧 <b>Техработы</b>
    [payments] 💳 <b>Оплата</b>
    [trial] 🎁 <b>Пробный период</b>
    [referral] 👥 <b>Друзья</b>
    [reminders] ⏰ <b>Напоминания и отсрочка</b>
    [contacts] 📣 <b>Контакты</b>
    [tracking] 🔎 <b>Трекер</b>
    [bridge] 🌉 <b>Мост</b>
    [launch] 🌱 <b>Мягкий запуск</b>
    [win-back] ♻️ <b>Возврат</b>
   *[hours] 🕘 <b>Часы</b>
}
edit-section-back = « { $section ->
    [maintenance] Техработы
    [payments] Оплата
    [trial] Пробный период
    [referral] Друзья
    [reminders] Напоминания
    [contacts] Контакты
    [tracking] Трекер
    [bridge] Мост
    [launch] Мягкий запуск
    [win-back] Возврат
   *[hours] Часы
}
edit-back = « Настройка магазина
edit-preview = 👀 Пользователи увидят:
edit-not-yet = Пока ничего не изменилось.
edit-apply = ✅ Применить
edit-cancel = ❌ Оставить как есть
edit-done = ✓ Готово, уже действует.
edit-overtaken = ⚠️ Пока вы смотрели, это поменял кто-то ещё. Сравните ещё раз:

setting-line = { $name }: <b>{ $value }</b>
setting-head = ✏️ <b>{ $name }</b>
setting-now = Сейчас: <b>{ $value }</b>
setting-change = { $old } → <b>{ $new }</b>
setting-ask = { $kind ->
    [number] Пришлите новое число.
    [money] Пришлите новую сумму в { $currency }, например 5 или 2.50.
    [money-list] Пришлите суммы в { $currency } через пробел: 5 10 20
    [numbers] Пришлите числа через пробел: 72 24 3
    [lines] Пришлите весь список, по одному в строке.
    [by-chain] Пришлите пары из сети и числа: eth 20, bsc 15
   *[text] Пришлите новое значение.
}
setting-unread = 🤔 Не получилось прочитать. Попробуйте ещё раз, как описано ниже.
setting-same = Так уже и есть 🙂
setting-refused = ⚠️ { $reason ->
    [number] Здесь нужно число.
    [least] Не меньше { $bound }.
    [most] Не больше { $bound }.
    [username] Здесь нужно @имя, например @my_channel.
    [currency] Здесь нужно одно из: { $bound }.
    [time-zone] Здесь нужно название вроде Europe/Moscow.
    [networks] Сети только такие: { $bound }
    [users] Это не @имя и не номер: { $bound }
    [tokens] Строка не подходит: { $bound }
    [hours-order] День должен начинаться раньше, чем кончается.
    [top-up-order] Наименьшее пополнение не может быть больше наибольшего.
   *[other] Такое значение здесь не подходит.
} Ничего не изменилось; пришлите другое.
setting-empty = не задано
setting-switch = { $state ->
    [on] включено
   *[off] выключено
}
setting-method = { $state ->
    [on] ✅
   *[off] ❌
} { $name ->
    [cryptobot] Crypto Pay
    [stars] Stars
   *[balance] баланс
}
setting-turn-method = { $state ->
    [on] ✅ Открыть
   *[off] ❌ Закрыть
}: { $name ->
    [cryptobot] Crypto Pay
    [stars] Telegram Stars
   *[balance] баланс
}
setting-turn = { $state ->
    [on] ✅ Включить
   *[off] ❌ Выключить
}
setting-choice = { $value ->
    [open] 🟢 работает
    [paused] ⏸ на паузе
   *[at_risk] ⚠️ под угрозой
}
setting-make-empty = 🚫 Выключить
setting-reset = ↩️ Как было изначально
setting-preview-reminders = Напомним, что оплаченное время кончается: за { $times }.

# Alerts: at most 200 characters, no markup.
edit-gone-toast = Этот показ устарел: правка уже применена или открыта другая. Сейчас ничего не изменилось.
edit-done-toast = Готово ✓

setting-name-ways-off = Способы оплаты
setting-hint-ways-off = Чем могут платить покупатели. Уже открытые счета по-прежнему можно оплатить.
setting-name-onchain-networks-off = Выключенные сети оплаты
setting-hint-onchain-networks-off = Ключи вроде usdt-tron через пробел. Каждая сеть закрывается отдельно; уже открытые счета по-прежнему можно оплатить.
setting-name-currency = Валюта
setting-hint-currency = Балансов, пополнений и новых тарифов. У нынешних цен остаётся своя; суммы пополнений ниже не пересчитываются.
setting-name-stars-per-unit = Звёзд за 1 USD
setting-hint-stars-per-unit = Сколько Telegram Stars берётся за один доллар.
setting-name-top-up-amounts-minor = Кнопки пополнения
setting-hint-top-up-amounts-minor = Суммы, которые выбирают одним нажатием.
setting-name-top-up-least-minor = Наименьшее пополнение
setting-hint-top-up-least-minor = На меньшую сумму баланс не пополнить.
setting-name-top-up-most-minor = Наибольшее пополнение
setting-hint-top-up-most-minor = На большую сумму баланс не пополнить.
setting-name-correction-most-minor = Наибольшая поправка
setting-hint-correction-most-minor = Сколько можно добавить или снять с баланса за раз.
setting-name-refund-frees-code = Возврат освобождает промокод
setting-hint-refund-frees-code = Можно ли снова ввести промокод заказа, за который вернули деньги.
setting-name-trial-enabled = Пробный период
setting-hint-trial-enabled = Можно ли новым пользователям попробовать VPN бесплатно.
setting-name-trial-days = Дней пробного периода
setting-hint-trial-days = Сколько он длится.
setting-name-trial-traffic-gb = Трафик пробного периода, ГБ
setting-hint-trial-traffic-gb = 0 — без ограничения.
setting-name-trial-devices = Устройств на пробном
setting-hint-trial-devices = 0 — без ограничения.
setting-name-trial-channel = Канал для пробного
setting-hint-trial-channel = @имя канала, на который надо подписаться, чтобы попробовать. Бот должен быть его администратором.
setting-name-referral-percent = Процент за друга
setting-hint-referral-percent = Какая часть платежа друга приходит на баланс того, кто пригласил. 0 — никакая.
setting-name-referral-every-payment = За каждый платёж
setting-hint-referral-every-payment = Считать каждый платёж друга или только первый.
setting-name-referral-days = Дней за друга
setting-hint-referral-days = Сколько дней получает пригласивший за первый платёж друга. 0 — нисколько.
setting-name-reminder-hours = Напоминания
setting-hint-reminder-hours = За сколько часов до конца оплаченного времени напоминать.
setting-name-close-answered-hours = Закрывать отвеченные через, часов
setting-hint-close-answered-hours = Разговор с поддержкой закрывается сам, если после ответа никто столько не писал. 0 — никогда.
setting-name-grace-hours = Часов отсрочки
setting-hint-grace-hours = Сколько VPN ещё работает после оплаченного времени.
setting-name-support-contact = Контакт поддержки
setting-hint-support-contact = @имя, которому можно написать напрямую. Без него вопросы идут через бота.
setting-name-support-forum = Форум поддержки
setting-hint-support-forum = id группы с темами, в которой у каждого пользователя своя тема. Проще отправить /forum в самой группе.
setting-name-news-channel = Канал новостей
setting-hint-news-channel = @имя канала; на него ведёт /help.
setting-name-watch-limit = Слежений на пользователя
setting-hint-watch-limit = За сколькими транзакциями можно следить одновременно.
setting-name-address-limit = Адресов на пользователя
setting-hint-address-limit = Сколько адресов может привязать один пользователь.
setting-name-awaited-hours = Часов ждать хеш
setting-hint-awaited-hours = Сколько искать транзакцию, которой ещё нет ни в одной сети.
setting-name-least-confirmations = Нужные подтверждения
setting-hint-least-confirmations = По сетям, сверх того, что говорит сама сеть, прежде чем назвать транзакцию окончательной.
setting-name-tokens = Токены
setting-hint-tokens = О чьём поступлении сообщать: сеть:контракт:символ:знаки, пятой частью — наименьшая сумма.
setting-name-coins-from = Монеты, от какой суммы
setting-hint-coins-from = О поступлении каких монет сообщать, по сетям.
setting-name-bridge-state = Состояние моста
setting-hint-bridge-state = Что пользователи читают о мосте.
setting-name-bridge-fee = Комиссия моста
setting-hint-bridge-fee = Так, как её прочтут, например 0.5 CELL.
setting-name-bridge-confirmations = Подтверждений моста
setting-hint-bridge-confirmations = Скольких ждёт мост. 0 — не показывать.
setting-name-bridge-gas = Газ моста
setting-hint-bridge-gas = Сколько единиц газа, по нашему предположению, берёт перевод.
setting-name-new-users-a-day = Новых в день
setting-hint-new-users-a-day = Сколько новых пользователей впускать в день, остальные ждут в очереди. Не задано — всех.
setting-name-allowed-users = Кому не нужно ждать
setting-hint-allowed-users = Номера и @имена тех, кого впускают, хотя места на день заняты.
setting-name-win-back-percent = Скидка
setting-hint-win-back-percent = Процент тем, у кого кончился доступ. 0 — ничего не предлагать.
setting-name-win-back-days = Дней после конца
setting-hint-win-back-days = Когда отправлять предложение тем, у кого нет новой покупки.
setting-name-win-back-hours = Часов на предложение
setting-hint-win-back-hours = После них скидка кончается.
setting-name-win-back-holdout-percent = Контрольная группа
setting-hint-win-back-holdout-percent = Процент пользователей без предложения — чтобы видеть, что предложения приносят.
setting-name-digest-hour = Час сводки
setting-hint-digest-hour = В этот час (от 0 до 23) владельцы и менеджеры получают итоги вчерашнего дня.
setting-name-time-zone = Часовой пояс
setting-hint-time-zone = По чьим дням и ночам живёт магазин.
setting-name-awake-from-hour = День начинается в
setting-hint-awake-from-hour = С этого часа приходят напоминания.
setting-name-awake-until-hour = День кончается в
setting-hint-awake-until-hour = С этого часа напоминаний нет.
