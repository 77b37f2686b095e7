traffic-low =
    📊 <b>{ $left } of { $limit } of traffic is left</b>

    Your subscription runs until { $date }, but without traffic the VPN stops earlier. Renew it any time: the traffic of the new term is added to what’s left.
traffic-over =
    📊 <b>Your traffic is used up: { $limit } of { $limit }</b>

    Your subscription runs until { $date }, but the VPN is paused. Renew it: traffic is added, and the same key works again.
