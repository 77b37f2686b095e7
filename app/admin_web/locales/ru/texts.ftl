web-texts = Тексты
web-texts-back = « Все тексты
web-texts-note = ✏️ отмечает те, что написали вы; остальные — стандартные. Картинки отправляют боту: /admin, «Настроить магазин».
web-text-now = { $state ->
    [own] Сейчас здесь ваш текст.
   *[standard] Сейчас здесь стандартный текст.
}
web-text-field = Текст, до { $most } символов
web-text-preview = Показать, как выглядит
web-text-empty = Сначала напишите текст.
web-text-too-long = { $length } символов — слишком много: помещается { $most }.
web-text-placeholder = { $name } нам незнакомо. Напишите одно из перечисленных ниже или уберите скобки.
web-html-hint = Оформление: <b>жирный</b>, <i>, <u>, <s>, <code>, <pre>, <blockquote>, <tg-spoiler>, <a href="https://…">ссылка</a>. Свой знак < пишите как &lt;
web-html-refused = { $tag } здесь не годится: Telegram его не знает, он не закрыт или стоит внутри того, где других быть не может.
web-faq = Вопросы и ответы
web-faq-new = Новый вопрос
web-faq-note = Пока нет ни одного, кнопки у пользователей нет. Не больше { $most }; первый стоит сверху.
web-faq-question = Вопрос, до { $most } символов
web-faq-question-unfit = В вопросе от 1 до { $most } символов.
web-faq-answer = Ответ, до { $most } символов
