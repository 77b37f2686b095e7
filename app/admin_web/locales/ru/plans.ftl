web-change = Изменить
web-plans = Тарифы
web-plans-back = « Все тарифы
web-plan = Тариф
web-plan-itself = Сам тариф
web-plan-term = { $months ->
    [one] { $months } месяц
    [few] { $months } месяца
   *[other] { $months } месяцев
}
web-plan-running = Действующих подписок: { $count }. Они остаются такими, какими были проданы.
web-plan-archive = Снять с продажи
web-plan-restore = Вернуть в продажу
web-plan-field-ru = Название по-русски
web-plan-field-en = Название по-английски
web-plan-field-price = Цена
web-plan-field-traffic = Трафик, ГБ (0 — без ограничения)
web-plan-field-devices = Устройства (0 — без ограничения)
web-plan-field-sale = В продаже
web-plan-field-panel = Панель или группа панелей (пусто — любая)
web-plan-field-groups = Сквады, инбаунды или группы на панели, через запятую
web-col-name = Название
web-col-on-sale = В продаже
