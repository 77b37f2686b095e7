extras-edit-button = ➕ Дополнения
extras-edit =
    ➕ <b>Что продаётся помимо тарифов</b>

    Ещё трафик и ещё устройства (их цена — за { $days } дней). Дополнения тарифа заменяют общие.
extras-edit-back = « Дополнения
extra-line = { $label } · { $plan }{ $state ->
    [no] {" "}· не продаётся
   *[yes] {""}
}
extra-edit-head = ➕ <b>{ $line }</b>
extra-price-ask = Пришлите новую цену в { $currency }. Купленное остаётся, у открытых заказов цена прежняя.
extra-new = { $kind ->
    [traffic] ➕ Трафик
   *[devices] ➕ Устройства
}
extra-new-ask = { $kind ->
    [traffic] Пришлите ГБ и цену в { $currency }, например <code>50 1.99</code>.
   *[devices] Пришлите, сколько устройств, и цену в { $currency } за { $days } дней, например <code>1 0.99</code>.
} Только для одного тарифа — допишите его код: <code>… standard</code>.
extra-change =
    💎 Для: <b>{ $plan }</b>

    👀 Пользователи увидят: { $shown }
