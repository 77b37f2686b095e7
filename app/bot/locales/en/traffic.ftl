traffic-low =
    📊 <b>{ $left } of { $limit } of traffic is left</b>

    Your subscription runs until { $date }, but without traffic the VPN stops earlier. { $extras ->
        [yes] Add some, or renew any time: what you add comes on top of what’s left.
       *[no] Renew it any time: the traffic of the new term is added to what’s left.
    }
traffic-over =
    📊 <b>Your traffic is used up: { $limit } of { $limit }</b>

    Your subscription runs until { $date }, but the VPN is paused. { $extras ->
        [yes] Add some traffic or renew, and the same key works again.
       *[no] Renew it: traffic is added, and the same key works again.
    }
