news-on =
    🔔 <b>News of the shop</b>

    You get them: what is new, what costs less, when we are at work. Not often.
news-off =
    🔕 <b>News of the shop</b>

    You get none. What is about your access and your orders comes all the same.
news-turn-off = 🔕 No more news
news-turn-on = 🔔 Turn news on
news-on-toast = News are on.
news-off-toast = No more news. What is about your access still comes. To turn them on again: /news
