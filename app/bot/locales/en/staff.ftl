staff = 👥 <b>Your team</b>
staff-owner = { $person } · owner
staff-line = { $person } · { $role ->
    [manager] manager
   *[support] support
}, since { $date }
staff-roles =
    <b>A manager</b> sees sales, refunds, corrects balances, grants days, exports and writes to all.
    <b>Support</b> finds users, answers questions and helps with keys, but doesn’t touch money.
    Owners are in ADMIN_IDS of the service.
staff-appoint = ➕ Appoint somebody
staff-back = « Team
staff-ask =
    👤 <b>Who is it?</b>

    Forward a message from them, or send their @name or Telegram id. They need to have pressed Start in this bot once.
staff-not-found = 🔎 We don’t know them yet. Ask them to open this bot and press Start, then send their @name or id again, or forward a message from them.
staff-member = 👤 { $person } · { $role ->
    [manager] manager
    [support] support
   *[none] not on the team
}
staff-as = { $role ->
    [manager] Make them a manager
   *[support] Make them support
}
staff-dismiss = ❌ Take off the team
staff-confirm =
    { $role ->
        [manager] 👤 Make { $person } a <b>manager</b>? They will see sales, move money and write to all users.
       *[support] 👤 Make { $person } <b>support</b>? They will see users’ data and answer questions, but not touch money.
    }

    It holds at once, and they’ll get a message.
staff-confirm-yes = ✅ Yes
staff-dismissal = 👤 Take { $person } off the team? They lose all operators’ commands at once, and they’ll get a message.
staff-dismiss-yes = ❌ Yes, take them off
staff-appointed =
    { $role ->
        [manager] 🛠 You are a <b>manager</b> of this shop now.
       *[support] 🛠 You are <b>support</b> of this shop now.
    }

    What you can do is in /help, and in the menu beside the input field.
staff-dismissed = 🛠 You are no longer on this shop’s team. Thank you for your help! The shop itself is open for you as before.

# Alerts: at most 200 characters, no markup.
staff-changed = Done ✓
error-owner-by-configuration = Owners are set by ADMIN_IDS of the service, so their role can’t be changed here.
error-sender-hidden = Their privacy settings hide who wrote the forwarded message. Send their @name or Telegram id instead.
