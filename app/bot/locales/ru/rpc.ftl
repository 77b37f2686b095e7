rpc = 🛰 <b>Сети и узлы</b>
rpc-off =
    🛰 <b>Сети и узлы</b>

    Ни одна сеть не подключена. Адреса узлов — в ETH_RPC_URLS, BSC_RPC_URLS, TRON_RPC_URLS и CELLFRAME_RPC_URLS.
rpc-chain = <b>{ $title }</b> · { $chain }
rpc-head = Блок { $number }, { $age } · { $final ->
    [none] до окончательного — неизвестно
   *[some] до окончательного { $final }
}
rpc-cycle = Последний обход: { $age }
rpc-not-yet = Обхода ещё не было
rpc-down = ⚠️ <b>Никто не отвечает с { $time }</b>
rpc-no-endpoints = Об узлах пока ничего не известно.
rpc-more-endpoints = …и ещё узлов: { $count }
rpc-more-chains = …и ещё сетей: { $count }
rpc-age = { $unit ->
    [now] только что
    [seconds] { $count } с назад
    [minutes] { $count } мин назад
    [hours] { $count } ч назад
   *[days] { $count } дн назад
}
# Строки моноширинной таблицы: не шире 31 знака.
rpc-state = { $state ->
    [ok] в порядке
    [lagging] отстаёт
    [open] не отвечает
    [half_open] пробуем снова
    [cooling] просит подождать
    [billing] квота исчерпана
    [wrong_chain] чужая сеть
   *[other] ещё не спрашивали
}{ $until ->
    [none] { "" }
   *[some] , до { $until } UTC
}
rpc-lag = отставание { $lag } · { $latency } мс
rpc-failures = сбоев { $failures } · пачка { $batch }
