incident-open = 🔴 <b>{ $title }</b>, since { $since }.
incident-error = The reason: <code>{ $error }</code>
incident-flaps = It keeps coming and going: down { $count } times so far.

incident-title-panel = { $named ->
    [yes] The VPN panel { $subject } isn’t available
   *[no] The VPN panel isn’t available
}
incident-title-cryptobot = Crypto Pay isn’t available
incident-title-chain = No { $subject } endpoint responds
incident-title-redis = Redis isn’t responding
incident-title-outbox = Messages aren’t going out
incident-title-workers = Background work keeps failing
incident-title-webhook = Telegram’s webhook was changed by somebody else
incident-title-memory = The service needs more memory than usual

incident-meaning-panel = Orders are taken as usual, their keys wait. As soon as the panel is back, we issue them ourselves. Please check the panel.
incident-meaning-cryptobot = Nobody can pay through Crypto Pay, the other payment methods stay open. No payment is lost: we credit it as soon as Crypto Pay answers. If it lasts, check the token: <code>python main.py doctor</code>
incident-meaning-chain = Its watches stand still, and their cards say so. Nothing is lost. If it lasts, add an endpoint; /rpc shows how each is doing.
incident-meaning-redis = The shop goes on without it. Please check the Redis server.
incident-meaning-outbox = Users are waiting for their keys and notifications. Nothing is lost: they go out in order. Please look at the log and at /health.
incident-meaning-workers = What these workers do has to wait, and each goes on trying. Please look for ITERATION_END in the log: the reason is there.
incident-meaning-webhook = We set it to our address again, no message of a user is lost. If it happens again, another service uses the bot’s token: stop it, or renew the token at @BotFather.
incident-meaning-memory = Everything still works. If it goes on growing, restart the service and tell us what it was doing.

incident-waiting-panel = Orders waiting: { $count }
incident-waiting-cryptobot = Unpaid invoices: { $count }
incident-waiting-outbox = Messages waiting: { $count }

incident-over = ✅ <b>{ $title }</b>. It took { $length }.
incident-over-panel = { $named ->
    [yes] The VPN panel { $subject } is back
   *[no] The VPN panel is back
}
incident-over-cryptobot = Crypto Pay is back
incident-over-chain = { $subject } is visible again
incident-over-redis = Redis is back
incident-over-outbox = Messages are going out again
incident-over-workers = Background work is fine again
incident-over-webhook = Telegram’s webhook leads to us again
incident-over-memory = The service needs no more memory than usual
incident-over-flaps = It was down { $count } times meanwhile.

incident-done-panel = Orders that waited: { $count }, all delivered.
incident-done-outbox = Messages that waited: { $count }, all sent.
incident-left-panel = Orders that waited: { $count }, delivered so far: { $done }. We’re on to the rest.
incident-left-outbox = Messages that waited: { $count }, sent so far: { $done }. We’re on to the rest.

operator-service-away =
    ⚠️ <b>The service was away</b> for { $length }, since { $since }.

    It’s back: updates and payments of that time are being worked off, nothing is lost. The log says why: WATCHDOG_GRACE_END where it hung, lock_unreachable where PostgreSQL was away; else look at the server.
operator-database-down =
    🔴 <b>PostgreSQL has taken no changes since { $since }.</b>

    Nobody can buy. Payments wait with their providers and come in by themselves afterwards. Please look at the database: is it read-only, or has it no room left?

    Reason: <code>{ $error }</code>
operator-database-back = ✅ PostgreSQL takes changes again. It did not for { $length }; what waited is being worked off.
incident-give-days = 🎁 Days for those it hit: { $count }
days-for-outage =
    🎁 <b>{ $days } more for you</b>

    Our servers were down from { $since }, for { $length }. We’re sorry, and thank you for your patience.

    Your access now ends on { $until }. There is nothing to do.
