order-head =
    🧾 <b>{ $title }</b>

    • { $term } доступа
    • { $traffic }
    • { $devices }
order-term = { $months } ({ $days })
order-separate = 🆕 Отдельной подпиской
order-revives = 🔑 Подписка № { $number } закончилась и начнётся заново в день оплаты.
order-extends = ⏩ Продлит подписку № { $number }: сейчас она оформлена до { $date }.
order-extends-grace = ⏩ Продлит подписку № { $number }. Оплаченное время у неё закончилось, новые дни пойдут сразу за оплаченными.
order-change-now =
    🔁 <b>Смена тарифа у подписки № { $number }</b>
    Сейчас «{ $title }»: осталось { $left }, до { $date }, и { $traffic }.
order-change-worth = Это стоит { $amount }, и столько мы зачтём: по времени или по трафику, смотря чего осталось меньше.
order-change-nothing = Зачесть нечего: оплаченное время или трафик закончились, а подарок деньгами не становится.
order-change-then = «{ $title }» начнётся сразу после оплаты и продлится { $days }. Счёт трафика начнётся заново. Ключ прежний. Дни старого тарифа не прибавятся: вместо них зачёт.
order-change-sooner = ⚠️ Новый тариф закончится раньше нынешнего, который идёт до { $date }.
order-result = Если оплатить сейчас:
order-result-which = 🔑 Подписка № { $number }
order-result-until = 📅 Доступ до <b>{ $date }</b>
order-result-term = 📅 Оформлена до <b>{ $date }</b>
order-result-traffic = 📊 { $traffic }
order-result-traffic-all = 📊 Всего { $size } трафика, вместе с уже использованным
order-result-renewal = ♻️ Автопродление { $date }: { $price } с баланса, если на нём хватит
order-price = Цена: { $price }
order-discount = Скидка: −{ $amount }
order-credit = Остаток прежнего тарифа: −{ $amount }
order-from-balance = С баланса: −{ $amount }
order-due = К оплате: <b>{ $price }</b>
order-surplus = { $amount } вернётся на ваш баланс.
order-no-method = Оплата сейчас закрыта. Загляните чуть позже или напишите в поддержку.
order-use-balance = ☐ Добавить { $amount } с баланса
order-keep-balance = ☑ { $amount } с баланса
order-target =
    🤔 <b>Для какой подписки?</b>

    Для той, что уже есть, или для отдельной — со своим ключом.
order-target-extend = ⏩ Продлить № { $number } · до { $date }
order-target-change = 🔁 Сменить тариф у № { $number } · до { $date }
order-target-new = 🆕 Отдельная подписка

method-cryptobot = 💎 Криптовалютой · { $price }
method-stars = ⭐ Звёздами · { $price }
method-balance = 👛 С баланса · { $price }
method-free = ✅ Подтвердить, платить не нужно

# Всплывающая подсказка: не больше 200 знаков, без разметки.
renew-plan-gone-toast = Ваш тариф на этот срок больше не продаётся
