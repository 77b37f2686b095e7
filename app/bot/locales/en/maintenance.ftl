maintenance = 🚧 We’re doing some maintenance, so nothing can be bought just now. Your VPN keeps working; please check back a little later 🙏
maintenance-end = ✏️ To the switch
operator-maintenance =
    🚧 <b>The shop is still under maintenance</b>

    For { $hours } now: nobody can buy. Is it done? Then turn it off.
home-maintenance = 🚧 <b>Maintenance is on: nobody can buy</b>
setting-name-maintenance = Maintenance
setting-hint-maintenance = In place of the shop’s pages users read one sentence. Support, keys, open invoices and operators go on. The sentence stands in “Pages and texts”.
