# О чём просили операторы и чего нельзя: в чате и на сайте.
refused-overtaken = Это тем временем изменил другой оператор. Откройте снова: там видно, как теперь.
refused-empty = Менять тут нечего.
refused-amount = <code>{ $amount }</code> — не сумма в { $currency }: напишите, например, <code>4.99</code>.
refused-amount-zero = Сумма должна быть больше нуля.
refused-price-below-zero = Цена не может быть меньше нуля.
refused-whole-number = { $name ->
    [traffic] Трафик —
    [devices] Устройства —
    [capacity] Сколько подписок —
    [uses] Сколько раз всего —
    [uses_per_user] Сколько раз одному —
   *[other] Это —
} только целое число.
refused-bounds = { $name ->
    [months] Месяцы: от { $least } до { $most }.
    [days] Дни: от { $least } до { $most }.
    [traffic] Трафик: от { $least } до { $most } ГБ.
    [devices] Устройства: от { $least } до { $most }.
    [capacity] Подписки: от { $least } (сколько угодно) до { $most }.
   *[other] От { $least } до { $most }.
}
refused-day = День пишется так: <code>2026-12-31</code>.
refused-setting = Такого значения у этой настройки быть не может.
refused-no-setting = Такой настройки больше нет.

# Тарифы
refused-no-plan = Тарифа <code>{ $code }</code> нет. Есть: { $known }.
refused-plan-code = Код тарифа — от 1 до 32 строчных латинских букв, цифр и дефисов.
refused-plan-exists = Тариф <code>{ $code }</code> уже есть. Выберите другое название.
refused-no-term = У тарифа <code>{ $code }</code> нет срока в { $months } мес.
refused-term-exists = У тарифа <code>{ $code }</code> уже есть срок в { $months } мес.: измените его цену.
refused-title = В названии от 1 до { $most } знаков.
refused-plan-anywhere = Этот тариф может быть на любой панели, переносить нечего.

# Промокоды
refused-promo-kind = Выберите, что даёт код.
refused-promo-value = { $kind ->
    [percent] Скидка — целое число процентов, от 1 до { $most }.
    [trial_days] Дни пробного доступа — целое число, от 1 до { $most }.
   *[days] Дни — целое число, от 1 до { $most }.
}
refused-code = В коде от 1 до 32 латинских букв, цифр, дефисов и подчёркиваний, без пробелов.
refused-code-taken = Код <code>{ $code }</code> уже есть, возможно в архиве. Выберите другой.
refused-no-code = Кода <code>{ $code }</code> больше нет.
refused-uses = { $name ->
    [uses] Код можно применить от 1 до { $most } раз.
   *[per-person] Одному — от 1 до { $most } раз.
}
refused-window = Последний день не может быть раньше первого.
refused-window-past = Последний день уже прошёл: код кончился бы, не начавшись.

# Дополнительный трафик и устройства
refused-extra-exists = Это уже есть в списке: задайте цену или верните в продажу.
refused-no-extra = Этого в списке больше нет.
refused-extra-free = Цена должна быть больше нуля, иначе это можно брать снова и снова.

# Панели
refused-no-panel = Панели <code>{ $name }</code> нет. Есть: { $known }.
refused-no-panel-or-group = Нет ни панели, ни группы <code>{ $name }</code>. Есть: { $known }.
refused-panel-name = Имя панели — от 1 до 32 строчных латинских букв, цифр и дефисов.
refused-panel-exists = Панель <code>{ $name }</code> уже есть. Выберите другое имя.
refused-panel-description = Панель описывают в командной строке: <code>python main.py panels --help</code>.
refused-panel-environment = Основная панель описана в окружении; здесь у неё только вместимость и группа.
refused-panel-default = Основную панель нельзя списать.
refused-panel-group = Имя группы — от 1 до 32 строчных латинских букв, цифр и дефисов.
refused-access-groups = Напишите названия или номера групп самой панели через запятую.
refused-panel-retired = Панель <code>{ $name }</code> списана. Выберите другую.
refused-there-already = Это уже на той панели.
refused-being-moved = <code>{ $name }</code> уже переносится. Дождитесь конца.
refused-no-subscription = Этой подписки больше нет.
refused-no-room = Сейчас нет другой панели, которая работает и где есть место.
refused-move-ended = Она кончилась: что купят следующим, получит своё место.
refused-move-waits = Она ещё ждёт панели, на которой есть место.
refused-move-under-way = Её сейчас переносят или ей делают новую ссылку. Попробуйте через минуту.

# Сразу для многих
refused-bulk-reason = Напишите причину, не длиннее { $most } знаков: её прочтут.
refused-no-outage = Такого закончившегося сбоя нет.
