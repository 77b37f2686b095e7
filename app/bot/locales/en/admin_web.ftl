admin-web =
    🌐 <b>The shop in a browser</b>

    The button opens it once, within { $minutes } minutes. That browser then stays signed in for { $hours } hours.

    It’s your own key to the shop: don’t pass it on.
admin-web-open = 🌐 Open
admin-web-off = It’s switched off: ADMIN_WEB_SECRET is not set.
