rpc = 🛰 <b>Chains and endpoints</b>
rpc-off =
    🛰 <b>Chains and endpoints</b>

    No chain is switched on. Addresses go into ETH_RPC_URLS, BSC_RPC_URLS, TRON_RPC_URLS and CELLFRAME_RPC_URLS.
rpc-chain = <b>{ $title }</b> · { $chain }
rpc-head = Block { $number }, { $age } · { $final ->
    [none] distance to final unknown
   *[some] { $final } to the final one
}
rpc-cycle = Last pass: { $age }
rpc-not-yet = No pass so far
rpc-down = ⚠️ <b>Nobody has answered since { $time }</b>
rpc-no-endpoints = Nothing is known of its endpoints yet.
rpc-more-endpoints = …and { $count } more endpoints
rpc-more-chains = …and { $count } more chains
rpc-age = { $unit ->
    [now] just now
    [seconds] { $count } s ago
    [minutes] { $count } min ago
    [hours] { $count } h ago
   *[days] { $count } d ago
}
# Lines of a monospace table: at most 31 characters wide.
rpc-state = { $state ->
    [ok] fine
    [lagging] lagging
    [open] not answering
    [half_open] trying again
    [cooling] rate-limited
    [billing] out of quota
    [wrong_chain] another chain
   *[other] not asked yet
}{ $until ->
    [none] { "" }
   *[some] , until { $until } UTC
}
rpc-lag = lag { $lag } · { $latency } ms
rpc-failures = failures { $failures } · batch { $batch }
