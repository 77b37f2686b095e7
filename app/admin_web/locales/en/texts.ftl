web-texts = Texts
web-texts-back = « All texts
web-texts-note = ✏️ marks those with a text of yours; the others have the standard one. Pictures are sent to the bot: /admin, “Edit the shop”.
web-text-now = { $state ->
    [own] It’s your text.
   *[standard] It’s the standard text.
}
web-text-field = The text, up to { $most } characters
web-text-preview = Show how it looks
web-text-empty = Write a text first.
web-text-too-long = { $length } characters are too many: { $most } fit.
web-text-placeholder = We don’t know { $name }. Write one of those below, or no braces.
web-html-hint = Formatting: <b>bold</b>, <i>, <u>, <s>, <code>, <pre>, <blockquote>, <tg-spoiler>, <a href="https://…">link</a>. Write &lt; for a < of your own.
web-html-refused = { $tag } can’t stand there: Telegram knows it not, it isn’t closed, or stands in another one that may hold none.
web-faq = Questions and answers
web-faq-new = New question
web-faq-note = While there is none, users see no button for it. Up to { $most }; the first stands on top.
web-faq-question = Question, up to { $most } characters
web-faq-question-unfit = The question has 1 to { $most } characters.
web-faq-answer = Answer, up to { $most } characters
