bulk =
    🧰 <b>Сразу многим</b>

    Выберите, что сделать. Сначала покажем, скольких подписок это коснётся и что изменится: ничего не начнётся, пока вы не пришлёте это число.
bulk-days = 📅 Дни сегменту
bulk-new-links = 🔗 Новые ссылки панели
bulk-move = 🚚 Перенести всю панель
bulk-outage = 🎁 После сбоя { $at }
bulk-others = 🧰 Сразу многим
bulk-one = { $state ->
    [running] ▶️ { $number }
    [paused] ⏸ { $number }
    [cancelled] ⛔️ { $number }
   *[done] ✅ { $number }
}: { $name }, { $done } из { $total }
bulk-name-extend = дни
bulk-name-new-links = новые ссылки
bulk-name-move = перенос панели
bulk-segments =
    📅 <b>Кому дни?</b>

    Только подпискам, которые сейчас работают; у кого их несколько — тем, что подходят.
bulk-ask-days =
    📅 { $segment }: сколько дней и за что?

    Пришлите число и причину, её прочтут: <code>2 за ночные работы</code>. Не больше { $most } дней.
bulk-panels = { $kind ->
    [move] 🚚 <b>С какой панели переносим всех?</b> Новых подписок она с этого момента не берёт.
   *[new_links] 🔗 <b>Какой панели новые ссылки?</b> Старая перестаёт работать, как только новая придёт в чат.
}
bulk-panel = { $name }: { $count }
bulk-targets = 🚚 Куда переносим всех с <b>{ $panel }</b>?
bulk-target-any = ⚖️ Где больше места
bulk-outage-days =
    🎁 Панель не работала с { $since } (перерыв: { $length }). Сколько дней дать тем, кого это задело?

    Это все подписки, которые на ней были и ещё не кончились.
bulk-preview-extend = 📅 <b>{ $days }: { $segment }</b>
bulk-preview-outage = 🎁 <b>{ $days } тем, кого задел сбой { $since }</b>
bulk-preview-new-links = 🔗 <b>Новые ссылки всем на { $panel }</b>
bulk-preview-move = 🚚 <b>Все с { $panel } переезжают на { $to }</b>
bulk-preview-move-any = 🚚 <b>Все с { $panel } переезжают туда, где больше места</b>
bulk-count = Подписок: <b>{ $count }</b>, например
bulk-example-days = • { $person }: { $before } → { $after }
bulk-example = • { $person }, до { $before }
bulk-reason = Они прочтут: { $reason }
bulk-confirm = Пока ничего не изменилось. Чтобы начать, пришлите это число: <code>{ $count }</code>
bulk-nothing = Таких подписок сейчас нет, делать нечего.
bulk-mistyped = Это не <code>{ $count }</code>, поэтому ничего не изменилось. Чтобы начать, пришлите именно это число.
bulk-state = { $state ->
    [running] ▶️ <b>{ $name }, № { $number }</b>: идёт
    [paused] ⏸ <b>{ $name }, № { $number }</b>: на паузе
    [cancelled] ⛔️ <b>{ $name }, № { $number }</b>: отменено. Сделанное остаётся, больше ничего не будет.
   *[done] ✅ <b>{ $name }, № { $number }</b>: готово
}
bulk-not-begun = ⛔️ <b>{ $name }, № { $number }</b>: не начато
bulk-title-extend = Дни
bulk-title-new-links = Новые ссылки
bulk-title-move = Перенос панели
bulk-done-count = ✓ Сделано: { $done } из { $total }
bulk-skipped-count = ⏭ Уже не нужно: { $count }
bulk-failed-count = ❗️ Не вышло: { $count }. Почему — в таблице.
bulk-pace = Остальное — с той скоростью, которую выдерживают панели. Покупатели проходят первыми.
bulk-pause = ⏸ Пауза
bulk-resume = ▶️ Продолжить
bulk-cancel = ⛔️ Отменить
bulk-csv = 📊 Каждая, в CSV
bulk-pause-toast = На паузе
bulk-resume-toast = Продолжаем
bulk-cancel-toast = Отменено

# Всплывающие: не больше 200 знаков, без разметки.
error-bulk-changed = Это уже кончилось, или другой оператор успел раньше. Откройте снова: там видно, как дела.
error-bulk-grown = Теперь их заметно больше, чем вам показали, поэтому ничего не началось. Посмотрите ещё раз.
error-bulk-nothing = Таких подписок больше нет, поэтому ничего не началось.
