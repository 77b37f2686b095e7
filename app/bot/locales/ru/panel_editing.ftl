edit-panels = 🖥 Панели
panels-edit = 🖥 <b>Панели</b>
panels-edit-back = « Панели
panel-line = 🖥 <b>{ $name }</b> · { $state ->
    [open] 🟢 открыта
    [closed] ⏸ закрыта для новых
   *[retired] 📦 выведена
}
panel-load = 🔑 Подписок: { $count }
panel-capacity = 📦 Места на: { $capacity }
panel-group = 🗂 Группа: { $group }
panel-set-state = { $state ->
    [open] 🟢 Открыть
    [closed] ⏸ Закрыть
   *[retired] 📦 Вывести
}
panel-state-ask = { $state ->
    [open] Открыть <b>{ $name }</b>? Новые подписки снова смогут попадать туда.
    [closed] Закрыть <b>{ $name }</b>? Новые подписки пойдут на другие; те, что там работают ({ $count }), останутся и продлеваются.
   *[retired] Вывести <b>{ $name }</b>? Ничего нового туда не попадёт, и следить за ней мы перестанем. Подписок там: { $count }.
}
panel-field = { $field ->
    [capacity] 📦 Место
   *[group] 🗂 Группа
}
panel-field-head = ✏️ <b>{ $field ->
    [capacity] Место
   *[group] Группа
}</b>
panel-field-ask = { $field ->
    [capacity] Пришлите, сколько подписок она примет; 0 — сколько угодно.
   *[group] Пришлите имя её группы: маленькие латинские буквы, цифры и -, не больше 32; 0 — никакой.
}
