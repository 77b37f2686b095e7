home-charts = 📈 Графики
chart-title-revenue = Выручка
chart-title-active = Подписки
chart-title-trials = Пробный → оплата
chart-title-renewals = Продления
chart-title-cohorts = Кто остаётся
chart-span-day = 30 дней
chart-span-week = 13 недель
chart-by-day = По дням
chart-by-week = По неделям
chart-revenue-first = Выручка
chart-revenue-second = Продажи
chart-active-first = Оплаченные
chart-active-second = Пробные
chart-trials-first = Взяли пробный
chart-trials-second = Из них купили
chart-renewals-first = Продления
chart-renewals-second = Первые покупки
chart-share = { $percent } %
chart-sum-revenue = { $total }, продаж: { $count }
chart-other-currency = И ещё { $total } в другой валюте
chart-sum-active = Сейчас оплаченных: { $first }, пробных: { $second }
chart-sum-trials = Взяли пробный: { $first }, из них купили: { $second }
chart-sum-renewals = Продлений: { $first }, первых покупок: { $second }
chart-sum-cohorts =
    👣 <b>Кто остаётся, по месяцу первой покупки</b>

    Строка — месяц первых покупок, за ним их число; столбцы — месяцы после. Число в клетке — у скольких процентов из них в том месяце был оплаченный доступ.

    В следующем месяце после первого: <b>{ $share }</b>
chart-waiting = ⏳ Рисуем график…
chart-no-picture = Картинка сейчас не получилась. Попробуйте ещё раз через минуту.
