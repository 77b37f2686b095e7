command-fees = Network fees right now
fees = ⛽️ <b>Fees right now</b>
fees-off =
    ⛽️ <b>No fees to show right now</b>

    No network is connected yet. Please come back later.
fees-chain = <b>{ $chain }</b> · { $age }
fees-stale =
    <b>{ $chain }</b>
    ⚠️ Unavailable right now. Last value at { $time }, { $age }:
fees-unavailable =
    <b>{ $chain }</b>
    ⚠️ Unavailable: the network isn’t answering. Try refreshing in a minute.
fees-age = { $unit ->
    [moment] just now
    [minutes] { $count } min ago
    [hours] { $count ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }
   *[days] { $count ->
        [one] { $count } day ago
       *[other] { $count } days ago
    }
}
fees-pace =
    { $pace ->
        [low] 🐢 <b>No rush</b>
        [normal] 🚶 <b>Normal</b>
        [fast] 🚀 <b>Fast</b>
       *[any] 🚶 <b>Any speed</b>
    } · { $price }
    Transfer: { $transfer }
    Token: ≈ { $token }
fees-bridge = 🌉 Bridge: ≈ { $cost }, { $percent }% margin included
fees-cellframe =
    Network fee: { $network }
    Validator fee: { $validator }
fees-tron =
    Transfer: { $coin } at most, free a few times a day
    USDT: ≈ { $token }, ≈ { $new } to an address that holds none yet
    <i>Less with energy of one’s own, staked or rented.</i>
fees-money = { $coins } ({ $money })
fees-tiny = { $coins } (under { $least })
fees-notes = <i>A plain transfer takes exactly { $transfer } gas, a token about { $token }. The bridge is counted as { $bridge }: an assumption, with the margin added on top.</i>

# An alert: at most 200 characters, no markup.
fees-same-toast = No change: these are the latest figures
