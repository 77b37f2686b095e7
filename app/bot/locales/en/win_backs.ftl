win-back-held =
    👋 <b>{ $percent }% off, and you’re back online</b>

    We’d be glad to have you back. The discount is on your next order already, until { $until }: pick a plan, and your key arrives right after you pay.
win-back-code =
    👋 <b>{ $percent }% off, and you’re back online</b>

    We’d be glad to have you back. You’re holding another code, so we left that on your next order. This one is yours until { $until }: <code>{ $code }</code>
win-backs = ♻️ <b>Win-back</b>: access that ended in the last { $days } days
win-backs-off = Nothing is offered at the moment. A discount is set under “Edit the shop”, Win-back.
win-backs-on = Offered: { $percent }% off for { $hours } h, { $days } days after the end. Whoever buys, or wants no news, gets no more of them.
win-backs-offered = 💌 With an offer: { $ended }
win-backs-held-out = 🔬 Without, to compare: { $ended }
win-backs-returned = Bought within 14 days: <b>{ $count }</b> ({ $percent }%)
win-backs-too-few = Too few yet to compare: each group needs { $least }.
win-backs-difference = ⚖️ Difference: <b>{ $points }</b> points
campaigns-to-win-backs = ♻️ Win-back
