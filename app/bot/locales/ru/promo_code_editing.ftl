edit-promo-codes = 🏷 Промокоды
promo-edit =
    🏷 <b>Промокоды</b>, новые сверху

    У каждого — сколько раз им пользовались; нажмите, чтобы увидеть, сколько он принёс.
promo-edit-none =
    🏷 <b>Промокоды</b>

    Пока нет ни одного. Заведите первый: вид, размер — и готово.
promo-edit-back = « Промокоды
promo-edit-new = ➕ Новый код
promo-edit-label = { $over ->
    [yes] ✖️{" "}
   *[no] {""}
}{ $code } · { $gift } · { $count }×
promo-gift = { $kind ->
    [percent] −{ $value }%
    [amount] −{ $money }
    [days] +{ $value } дн.
    [balance] +{ $money } на баланс
   *[trial_days] пробный +{ $value } дн.
}
promo-edit-head = 🏷 <b><code>{ $code }</code></b> · { $gift }
promo-edit-limit = 👥 Сколько раз: { $limit }, { $each ->
    [once] каждому один раз
   *[often] каждому сколько угодно
}
promo-no-limit = сколько угодно
promo-edit-until = ⏳ До: { $until }
promo-no-end = без срока
promo-edit-plan = 💎 Тариф: { $plan }
promo-every-plan = любой
promo-edit-used = 🔢 Использован: { $count }
promo-edit-brought = 💰 Оплачено с ним: { $total }
promo-edit-brought-nothing = 💰 С ним пока ничего не оплачено
promo-edit-over = ✖️ Закончен { $date }
promo-edit-end = ✖️ Закончить
promo-edit-end-ask = 🏷 Закончить <code>{ $code }</code> сейчас? Ввести его больше не получится; у открытых заказов с ним останется их цена.
promo-edit-end-yes = ✖️ Да, закончить
promo-new = 🏷 <b>Новый промокод</b>. Что он даёт?
promo-kind = { $kind ->
    [percent] % Процент с заказа
    [amount] 💵 Сумма с заказа
    [days] 📅 Дни доступа
    [balance] 👛 Деньги на баланс
   *[trial_days] 🎁 Пробный подлиннее
}
promo-value-ask = { $kind ->
    [percent] Сколько процентов скидки? Пришлите число от 1 до 100.
    [amount] Какая скидка? Пришлите сумму в { $currency }, например 2.50.
    [days] Сколько дней? Пришлите число.
    [balance] Сколько денег? Пришлите сумму в { $currency }, например 2.50.
   *[trial_days] На сколько дней пробный период длиннее? Пришлите число.
}
promo-option-ask = { $option ->
    [code] Пришлите код: латинские буквы, цифры, - и _, не больше 32.
    [uses] Пришлите, сколько раз им можно воспользоваться всего; 0 — сколько угодно.
   *[days] Пришлите, сколько дней он действует, не считая сегодня; 0 — без срока.
}
promo-option-refused = <code>{ $typed }</code> сюда не подходит.
promo-examples = 💰 <b>С ним заказы стоят:</b>
promo-example = { $plan }, { $term }: <s>{ $old }</s> → <b>{ $new }</b>
promo-make = ✅ Завести код
promo-set-code = ✏️ Другой код
promo-set-uses = { $uses }×
promo-set-days = { $days } дн.
promo-set-each = { $each ->
    [1] 👤 Каждому один раз
   *[other] 👤 Каждому сколько угодно
}
promo-any-plan = 💎 Для любого тарифа

# An alert: at most 200 characters, no markup.
error-promo-code-gone = Такого промокода больше нет.
