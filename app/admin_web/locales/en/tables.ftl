web-table-users = Users
web-table-orders = Orders
web-table-ledger = Ledger
web-table-subscriptions = Subscriptions
web-table-promo-codes = Promo codes
web-table-broadcasts = Broadcasts
web-table-outbox = Outbox
web-table-incidents = Incidents
web-table-failed-updates = Failed updates
web-audit = Audit
web-live = Running now
web-live-text = Version { $version }. Drawn anew every five seconds while this page is in front.
web-live-workers = Workers
web-live-chains = Chains
web-live-endpoints = Endpoints
web-tab-all = All
web-tab-blocked = Blocked
web-tab-unreachable = Unreachable
web-tab-paid = Paid
web-tab-open = Open
web-tab-refunded = Refunded
web-tab-waiting = Waiting
web-tab-failed = Not sent
web-table-empty = Nothing here.
web-first = « To the front
web-next = Further »
web-csv = All as CSV
web-filter = Show
web-filter-user = A user’s Telegram id
web-find = Name, @name, id, order, invoice, hash
web-find-button = Find
web-user-erased = The order is there, but its owner’s data was erased.
web-user-unknown = No user has this id.
web-user-subscriptions = Newest subscriptions
web-user-orders = Newest orders
web-user-chat = Act in the chat »
web-col-id = No.
web-col-user-id = User
web-col-chat-id = Chat
web-col-first-name = Name
web-col-username = @name
web-col-language = Language
web-col-created-at = Since
web-col-had-access-at = First access
web-col-referrer-id = Invited by
web-col-invited = Invited
web-col-balance = Balance
web-col-blocked-at = Blocked
web-col-unreachable-at = Unreachable
web-col-broadcasts-off-at = No broadcasts since
web-col-kind = Kind
web-col-status = State
web-col-plan = Plan
web-col-months = Months
web-col-price = Price
web-col-discount = Discount
web-col-provider = Paid by
web-col-paid-at = Paid at
web-col-refunded-at = Refunded at
web-col-amount = Amount
web-col-purchase-id = Order
web-col-reason = Reason
web-col-is-trial = Trial
web-col-activation-status = State
web-col-auto-renew = Renews
web-col-expires-at = Until
web-col-attempts = Tries
web-col-last-error = Last error
web-col-code = Code
web-col-value = Value
web-col-max-uses = Uses at most
web-col-starts-at = From
web-col-ends-at = To
web-col-archived-at = Archived
web-col-state = State
web-col-segment-kind = For
web-col-segment-value = Of
web-col-ended-at = Ended
web-col-total = Recipients
web-col-sent = Sent
web-col-unreachable = Unreachable
web-col-failed = Failed
web-col-template = Template
web-col-due-at = Due
web-col-sent-at = Sent at
web-col-subject = About
web-col-opened-at = From
web-col-closed-at = To
web-col-outages = Outages
web-col-affected = Most that waited
web-col-error = Error
web-col-update-id = Update
web-col-sender-id = From
web-col-actor = Who
web-col-action = Did
web-col-details = Details
web-col-worker = Worker
web-col-outcome = Last round
web-col-last-start-at = Began
web-col-last-end-at = Ended
web-col-duration-ms = ms
web-col-failures = Failures
web-col-chain = Chain
web-col-endpoint = Endpoint
web-col-endpoint-state = State
web-col-lag = Blocks behind
web-col-latency-ms = ms
web-col-head = Head
web-col-final = Final
web-col-head-at = Head since
web-col-seen-at = Last cycle
web-col-failing-since = Down since
web-word-kind = { $word ->
    [plan] plan
    [renewal] renewal
    [top_up] top-up
    [trial] trial
    [gift] gift
    [payment] payment
    [sale] sale
    [credit] rest of a plan
    [refund] refund
    [payout] payout
    [referral] for a friend
    [promo] promo code
    [correction] correction
    [percent] percent off
    [amount] amount off
    [days] days
    [balance] to the balance
    [trial_days] longer trial
    [panel] VPN panel
    [cryptobot] Crypto Pay
    [chain] chain
    [redis] Redis
    [outbox] outbox
    [workers] workers
    [webhook] Telegram’s webhook
    [memory] memory
   *[other] { $word }
}
web-word-status = { $word ->
    [created] begun
    [pending] waits for payment
    [paid] paid
    [expired] expired
    [cancelled] cancelled
    [refunded] refunded
    [unresolved] for a role
    [waiting] waiting
    [sent] sent
    [unreachable] unreachable
    [doubtful] doubtful
    [failed] failed
    [withdrawn] withdrawn
   *[other] { $word }
}
web-word-activation-status = { $word ->
    [pending] being issued
    [active] active
    [needs_attention] needs attention
    [removal_pending] being removed
    [removed] ended
   *[other] { $word }
}
web-word-state = { $word ->
    [draft] draft
    [scheduled] scheduled
    [running] running
    [paused] paused
    [done] sent
    [cancelled] cancelled
   *[other] { $word }
}
web-word-segment-kind = { $word ->
    [all] everybody
    [active] paid access
    [trial] on trial
    [ended] ended lately
    [never_bought] never bought
    [plan] plan
    [source] how they came
    [promo_code] promo code
    [campaign] campaign
   *[other] { $word }
}
web-word-outcome = { $word ->
    [ok] fine
    [failed] failed
    [timeout] timed out
    [cancelled] ended
   *[other] { $word }
}
