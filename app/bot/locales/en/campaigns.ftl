campaigns =
    🔗 <b>Campaign links</b>

    A link of its own for each place you advertise in, and what came of it. Behind the code: how many users it brought.
campaigns-none =
    🔗 <b>Campaign links</b>

    Advertise in several places? Give each a link of its own, and see here who came by it, tried, bought, and for how much.
campaigns-new = ➕ New link
campaigns-one = { $state ->
    [archived] 📦 { $code } · { $brought }
   *[open] { $code } · { $brought }
}
campaigns-back = « Campaign links
campaign-ask =
    🔗 <b>What shall it be called?</b> A short code that stands in the link: Latin letters, digits, - and _, at most 32.

    For example <code>habr-june</code>. Changed your mind? /cancel
campaign = 🔗 <b>{ $code }</b>, since { $since }
campaign-is-archived = 📦 Archived: the link still opens the bot, and nothing more is counted.
campaign-opened-count = 👀 Opened by { $count ->
    [one] { $count } user
   *[other] { $count } users
}
campaign-brought = { $bar } new to the shop: { $count }
campaign-tried = { $bar } had a trial: { $count } ({ $percent }%)
campaign-bought = { $bar } bought: { $count } ({ $percent }%)
campaign-revenue = 💰 They paid: <b>{ $amount }</b>
campaign-no-revenue = 💰 Nothing paid yet
campaign-copy = 📋 Copy the link
campaign-archive = 📦 Archive
campaign-reopen = ↩️ Count again
campaign-archived = Archived
campaign-opened = Counted again
error-campaign-code = A code has 1 to 32 Latin letters, digits, - and _, without spaces. Please send another.
error-campaign-taken = There is a link with this code already. Please send another.
error-campaign-gone = This link is no longer there. Open /campaigns anew.
home-campaigns = 🔗 Campaigns
command-campaigns = Links of your own, and what each brought
