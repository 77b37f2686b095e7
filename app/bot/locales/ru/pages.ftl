button-faq = 📖 Вопросы и ответы
button-rules = 📜 Правила
menu-nameless = друг
faq =
    📖 <b>Вопросы и ответы</b>

    Выберите свой. Если его здесь нет, поддержка рядом.

edit-pages = 📝 Страницы и тексты
pages-edit = { $language ->
    [ru] 📝 <b>Страницы бота по-русски</b>
   *[en] 📝 <b>Страницы бота по-английски</b>
}

    ✏️ отмечены те, где текст ваш; на остальных стандартный.
pages-edit-back = « Страницы и тексты
page-in-language = { $language ->
    [ru] 🇷🇺 По-русски
   *[en] 🇬🇧 По-английски
}
page-label = { $state ->
    [own] ✏️{" "}
   *[standard] {""}
}{ $name ->
    [welcome] Приветствие
    [menu] Меню
    [help] Помощь
    [rules] Правила
    [trial] Пробный период
    [connect] Как подключить
    [connect-ios] iPhone
    [connect-android] Android
    [connect-windows] Windows
    [connect-macos] macOS
    [key-ready-next] После оплаты
    [support-ask] Поддержка
   *[maintenance] Техработы
}
page-faq = 📖 Вопросы и ответы: { $count }
page-head = 📝 <b>{ $name ->
    [welcome] Приветствие
    [menu] Меню
    [help] Помощь
    [rules] Правила
    [trial] Пробный период
    [connect] Как подключить
    [connect-ios] Как подключить: iPhone
    [connect-android] Как подключить: Android
    [connect-windows] Как подключить: Windows
    [connect-macos] Как подключить: macOS
    [key-ready-next] После оплаты, под ключом
    [support-ask] Поддержка, перед вопросом
   *[maintenance] Техработы
}</b> · { $language ->
    [ru] по-русски
   *[en] по-английски
} · { $state ->
    [own] ваш текст
   *[standard] стандартный
}
page-ask = ✍️ Пришлите новый текст так, как он должен выглядеть: жирный шрифт, ссылки и прочее сохранятся. До { $most } знаков.
page-ask-picture = 🖼 Можно и картинку: одну или с текстом в подписи (тогда 900 знаков).
page-placeholders = Подставляется для каждого: { $names }
page-refused = ⚠️ { $reason ->
    [picture] У этой страницы нет картинки. Пришлите текст.
    [empty] Пришлите текст или картинку.
   *[html] Telegram не берёт такое оформление. Упростите его и пришлите ещё раз.
}
page-unknown-placeholder = ⚠️ <code>{ $name }</code> нам не знакомо. Возьмите одно из тех, что ниже, или обойдитесь без фигурных скобок.
page-too-long = ⚠️ { $length } знаков — это много: поместится { $most }. Сократите и пришлите ещё раз.
page-reset = { $name ->
    [rules] 🗑 Убрать страницу
   *[other] ↩️ Стандартный текст
}
page-no-picture = 🗑 Без картинки
page-apply = { $language ->
    [ru] ✅ Показывать так, по-русски
   *[en] ✅ Показывать так, по-английски
}
page-gone = 🗑 Этой страницы не станет, и кнопки к ней тоже.
page-standard-again = Снова стоит стандартный текст.
page-sample-name = { $name }
faq-edit = 📖 <b>Вопросы и ответы { $language ->
    [ru] по-русски
   *[en] по-английски
}</b>: { $count } из { $most }

    Пока нет ни одного, кнопки к ним не видно.
faq-add = ➕ Добавить
faq-picture = 🖼 Картинка
faq-change = ✏️ Изменить
faq-up = ⬆️ Выше
faq-delete = 🗑 Удалить
faq-back = « Вопросы и ответы
faq-ask =
    📖 <b>{ $language ->
        [ru] Вопрос по-русски
       *[en] Вопрос по-английски
    }</b>

    Пришлите вопрос первой строкой, до { $question } знаков, а ответ под ней, до { $answer }. Оформление сохранится.
faq-unfit = 🤔 Нужны вопрос и ответ, и оба должны поместиться. Пришлите их ещё раз.
faq-ask-picture = 🖼 Пришлите картинку для списка вопросов.

# Alerts: at most 200 characters, no markup.
error-faq-entry-gone = Этого вопроса больше нет. Те, что есть, — в списке.
error-faq-full = Их уже 20. Сначала удалите какой-нибудь.
