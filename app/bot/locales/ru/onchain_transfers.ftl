onchain-home =
    ⛓ <b>Оплата в сети</b>

    Прямо на ваши адреса; учитываем, когда сеть сделала перевод окончательным. Время говорит, насколько стар последний прочитанный окончательный блок.
onchain-network-line = { $state ->
    [on] 🟢 { $name } · { $lag }
    [off] ⚪️ { $name } · выключена
    [no-address] ⚪️ { $name } · нет адреса
    [frozen] 🚨 { $name } · наш адрес заморожен
    [not-read] ⏳ { $name } · сеть ещё не читаем
   *[failing] 🔴 { $name } · не отвечает, последний блок { $lag } назад
}
onchain-switch = { $state ->
    [on] ▶️ Предлагать { $name }
   *[off] ⏸ Не предлагать { $name }
}
onchain-incoming = 📥 Входящие переводы
onchain-unmatched = ❗️ Пока ничьи: { $count }
onchain-books = 📄 Все переводы в CSV
onchain-addresses-page = ✏️ Адреса для оплаты
onchain-back = « Оплата в сети
onchain-no-incoming = 📥 Пока ничего не приходило.
onchain-no-unmatched = ✅ У всего, что пришло, есть владелец.
onchain-incoming-head = 📥 <b>Входящие переводы</b>, сначала новые. ⏳ не окончательный · ✅ оплата заказа · 👛 на балансе · ❗️ ничей · ▫️ отклонён или пыль
onchain-unmatched-head = ❗️ <b>Переводы, чей владелец неизвестен</b>, сначала старые
onchain-to-transfers = « Переводы
onchain-to-transfer = 🔎 Перевод
onchain-transfer-head = { $mark } <b>{ $amount }</b> · { $network }
onchain-transfer-facts =
    { $at }, блок { $block }
    От: <code>{ $sender }</code>
    Кому: <code>{ $recipient }</code>
    <code>{ $hash }</code>
onchain-transfer-verdict = { $verdict ->
    [matched] Оплата заказа.
    [balance] На балансе: пришёл поздно или в другой сети.
    [claimed] Зачислен по заявке или оператором.
    [unmatched] Не подходит ни к одному счёту.
    [ignored] Отклонён, или это пыль.
    [mined] В блоке, который ещё не окончательный.
    [gone] Его блок исчез из сети.
   *[final] Окончательный, сейчас определим.
}
onchain-transfer-owner = 👛 Зачислен: { $person }
onchain-transfer-claimed = 🙋 { $person } говорит, что перевод его
onchain-transfer-candidate = ≈ { $person }: счёт на { $amount }, { $at }
onchain-transfer-decide = Перевод в сети видят все, поэтому один хеш ничего не доказывает. Попросите скриншот из кошелька отправителя.
onchain-assign-to = 👛 На баланс { $user }
onchain-assign-other = 👛 Другому пользователю
onchain-reject-claim = 🙅 Отклонить заявку
onchain-dismiss = ▫️ Отклонить: не покупатель
onchain-ask-owner = 👤 Чей он? Перешлите сообщение от этого человека или пришлите @имя либо id.
onchain-confirm-owner = 👛 Зачислить { $amount } на баланс { $person }? Мы об этом напишем, и передать перевод другому потом нельзя.
onchain-confirm-owner-yes = ✅ Да, зачислить
onchain-ask-dismissal = ▫️ Почему это не платёж покупателя? Одно предложение, оно останется в журнале.
onchain-assigned = ✅ Зачислено: { $amount }.
onchain-dismissed = ✅ Отклонено.
onchain-claim-rejected = ✅ Заявка отклонена, перевод ждёт владельца.
error-onchain-transfer-gone = Этого перевода больше нет.
