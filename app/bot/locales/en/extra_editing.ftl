extras-edit-button = ➕ Extras
extras-edit =
    ➕ <b>What is sold beside the plans</b>

    More traffic, and more devices (their price is for { $days } days). A plan’s own take the place of the shop’s.
extras-edit-back = « Extras
extra-line = { $label } · { $plan }{ $state ->
    [no] {" "}· off sale
   *[yes] {""}
}
extra-edit-head = ➕ <b>{ $line }</b>
extra-price-ask = Send the new price in { $currency }. What was bought goes on, and open orders keep their price.
extra-new = { $kind ->
    [traffic] ➕ Traffic
   *[devices] ➕ Devices
}
extra-new-ask = { $kind ->
    [traffic] Send GB and price in { $currency }, such as <code>50 1.99</code>.
   *[devices] Send how many devices, and their price in { $currency } for { $days } days, such as <code>1 0.99</code>.
} For one plan only, add its code: <code>… standard</code>.
extra-change =
    💎 For: <b>{ $plan }</b>

    👀 Users will see: { $shown }
