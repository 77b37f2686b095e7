"""Every metric of the service in one place: names and labels stay few and free of secrets."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)  # processor time, memory, open files, by their usual names

_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25)

UPDATES = Counter("tollgate_updates", "Telegram updates by outcome", ["outcome"], registry=REGISTRY)
WEBHOOK_SECONDS = Histogram(
    "tollgate_webhook_seconds",
    "From the request to its answer",
    ["webhook", "status"],
    buckets=_FAST,
    registry=REGISTRY,
)
HTTP_REFUSALS = Counter(
    "tollgate_http_refusals",
    "Requests that broke a bound of the HTTP edge, by status",
    ["status"],
    registry=REGISTRY,
)
CUSTOMER_PAGES = Counter(
    "tollgate_customer_pages",
    "Requests for subscriptions' pages on the web, by what was answered",
    ["answer"],
    registry=REGISTRY,
)
UPDATES_IN_FLIGHT = Gauge(
    "tollgate_updates_in_flight", "Handlers running now, detached ones included", registry=REGISTRY
)
OUTGOING_SECONDS = Histogram(
    "tollgate_outgoing_seconds",
    "Calls to the outside by target, method and outcome",
    ["target", "method", "outcome"],
    buckets=_FAST,
    registry=REGISTRY,
)
FLOOD_WAITS = Counter("tollgate_telegram_429", "429 answers from Telegram", registry=REGISTRY)
GROUP_MESSAGES_UNANSWERED = Counter(
    "tollgate_group_messages_unanswered",
    "Messages in groups that could not be answered within Telegram's limits",
    registry=REGISTRY,
)
BREAKER_OPEN = Gauge(
    "tollgate_breaker_open", "1 while a breaker is open", ["name"], registry=REGISTRY
)
PANEL_SUBSCRIPTIONS = Gauge(
    "tollgate_panel_subscriptions", "Subscriptions that run, by panel", ["panel"], registry=REGISTRY
)
PANEL_CAPACITY = Gauge(
    "tollgate_panel_capacity", "How many a panel takes, 0 for any", ["panel"], registry=REGISTRY
)
OUTBOX_DEPTH = Gauge("tollgate_outbox_depth", "Messages waiting", registry=REGISTRY)
OUTBOX_AGE = Gauge(
    "tollgate_outbox_age_seconds", "Age of the oldest message that is due", registry=REGISTRY
)
OUTBOX_SENT = Counter(
    "tollgate_outbox_messages", "Outbox messages by outcome", ["outcome"], registry=REGISTRY
)
WORKER_HEARTBEAT = Gauge(
    "tollgate_worker_last_end_timestamp",
    "When a worker last ended a round",
    ["worker"],
    registry=REGISTRY,
)
WORKER_ITERATIONS = Counter(
    "tollgate_worker_iterations", "Rounds by outcome", ["worker", "outcome"], registry=REGISTRY
)
POOL_IN_USE = Gauge("tollgate_pool_in_use", "Database connections checked out", registry=REGISTRY)
POOL_SIZE = Gauge("tollgate_pool_size", "Database connections allowed", registry=REGISTRY)
STATEMENT_SECONDS = Histogram(
    "tollgate_statement_seconds",
    "Statements that the database answered, the way there included",
    buckets=(0.001, 0.0025, *_FAST),
    registry=REGISTRY,
)
DISK_FREE = Gauge(
    "tollgate_disk_free_bytes", "Free where files are made on their way out", registry=REGISTRY
)
DATABASE_BYTES = Gauge("tollgate_database_bytes", "Size of the database", registry=REGISTRY)
LOOP_LAG = Gauge("tollgate_loop_lag_seconds", "Delay of the event loop", registry=REGISTRY)
MEMORY = Gauge("tollgate_memory_bytes", "Resident memory", registry=REGISTRY)
ROLE = Gauge("tollgate_role", "1 for the role held now", ["role"], registry=REGISTRY)
PURCHASES = Counter(
    "tollgate_purchases", "Purchases that reached a state", ["state"], registry=REGISTRY
)
PAYMENT_EVENTS = Counter(
    "tollgate_payments", "Payment events by outcome", ["provider", "outcome"], registry=REGISTRY
)
PROMO_REFUSALS = Counter(
    "tollgate_promo_refusals",
    "Promo codes that were refused, by reason",
    ["reason"],
    registry=REGISTRY,
)
MILESTONES = Counter(
    "tollgate_milestones", "Milestones of transactions", ["chain", "milestone"], registry=REGISTRY
)
WATCHES = Gauge(
    "tollgate_watches", "Open watches by chain and state", ["chain", "state"], registry=REGISTRY
)
CHAIN_HEAD = Gauge(
    "tollgate_chain_head", "The block up to which a chain is followed", ["chain"], registry=REGISTRY
)
CHAIN_HEAD_AT = Gauge(
    "tollgate_chain_head_timestamp", "That block's own time", ["chain"], registry=REGISTRY
)
CHAIN_PASS_SECONDS = Histogram(
    "tollgate_chain_pass_seconds",
    "One pass of a chain's loop",
    ["chain", "outcome"],
    buckets=_FAST,
    registry=REGISTRY,
)
REORGS = Histogram(
    "tollgate_chain_reorg_blocks",
    "Blocks that lost their place",
    ["chain"],
    buckets=(1, 2, 3, 5, 10, 64),
    registry=REGISTRY,
)
RPC_CALLS = Counter(
    "tollgate_rpc_calls",
    "Calls to blockchain nodes by outcome",
    ["chain", "endpoint", "method", "outcome"],
    registry=REGISTRY,
)
RPC_SECONDS = Histogram(
    "tollgate_rpc_seconds",
    "One request to a blockchain node, however many calls it holds",
    ["chain", "endpoint"],
    buckets=_FAST,
    registry=REGISTRY,
)
RPC_FAULTS = Counter(
    "tollgate_rpc_faults",
    "Failed requests by class",
    ["chain", "endpoint", "kind"],
    registry=REGISTRY,
)
RPC_HEAD = Gauge(
    "tollgate_rpc_head",
    "Newest block that a node told of",
    ["chain", "endpoint"],
    registry=REGISTRY,
)
ONCHAIN_READ_AT = Gauge(
    "tollgate_onchain_read_until_timestamp",
    "Time of the final block up to which a chain was read for payments",
    ["chain"],
    registry=REGISTRY,
)
ONCHAIN_TRANSFERS = Counter(
    "tollgate_onchain_transfers",
    "Final transfers to the shop's addresses, by what they were assigned",
    ["chain", "assignment"],
    registry=REGISTRY,
)
RPC_LAG = Gauge(
    "tollgate_rpc_lag_blocks",
    "Blocks behind the best node",
    ["chain", "endpoint"],
    registry=REGISTRY,
)
