"""From the provider's signed POST to the key in the chat, with a panel that takes 100 ms.

Everything between is real: the service's process, PostgreSQL, Valkey, the panel's and Telegram's
HTTP. Each purchase has its own user, and a checkout message that the key takes the place of. 20
purchases at once are 20 of the 25 messages a second after a burst of 12: the last of their places
is free (20 - 12) / 25 = 0.32 s after the first.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from app.domain.payments import build_invoice_payload
from benchmarks.measures import milliseconds, percentile, print_table
from benchmarks.stage import Stage
from benchmarks.street import Message as MessageView
from benchmarks.street import Street, open_street
from sandbox.world.cryptopay.invoices import create_invoice, pay
from sandbox.world.cryptopay.models import Invoice
from sandbox.world.cryptopay.validation import read_order
from sandbox.world.telegram.chats import add_message, next_message_id
from sandbox.world.telegram.models import Message, Text

PANEL_MILLISECONDS = 100
WARM_UP = 5
ONE_AT_A_TIME = 60
AT_A_TIME = 20
ROUNDS = 15
# The limiter's burst is whole again, and what the round left behind is done.
PAUSE_SECONDS = 0.4
PAUSE_AFTER_ROUND_SECONDS = 2.5

_PURCHASE = """
INSERT INTO purchases (id, user_id, kind, plan_id, term_id, status, titles, months, days,
                       price_minor, currency, charge_minor, charge_currency, traffic_limit_bytes,
                       device_limit, is_change, is_separate, base_used_bytes, discount_minor,
                       credit_minor, from_balance_minor, provider, invoice_id, pay_url, message_id,
                       created_at, expires_at)
SELECT $1, $2, 'plan', plans.id, terms.id, 'pending', titles, months, days, price_minor, currency,
       price_minor, currency, traffic_limit_bytes, device_limit, false, false, 0, 0, 0, 0,
       'cryptobot', $3, $4, $5, $6, $7
FROM plans JOIN terms ON terms.plan_id = plans.id WHERE code = 'standard' AND months = 1
"""


async def run(stage: Stage) -> None:
    async with open_street(stage) as street:
        knobs = street.world.state.knobs
        knobs.panel, knobs.panel_delay_ms = "slow", PANEL_MILLISECONDS
        count = WARM_UP + ONE_AT_A_TIME + AT_A_TIME * ROUNDS
        people = iter(await street.settle_in(count))
        orders = [(id_, await _order(street, id_)) for id_ in people]
        for order in orders[:WARM_UP]:
            await _buy(street, *order)
            await asyncio.sleep(PAUSE_SECONDS)
        single, cpu = [], [street.server.cpu_seconds]
        receipts = [await _count_receipts(street)]
        for order in orders[WARM_UP : WARM_UP + ONE_AT_A_TIME]:
            single.append(await _buy(street, *order))
            await asyncio.sleep(PAUSE_SECONDS)
        receipts.append(await _count_receipts(street))
        crowd: list[float] = []
        cpu.append(street.server.cpu_seconds)
        for start in range(WARM_UP + ONE_AT_A_TIME, count, AT_A_TIME):
            batch = orders[start : start + AT_A_TIME]
            await asyncio.sleep(PAUSE_AFTER_ROUND_SECONDS)
            crowd += await asyncio.gather(*(_buy(street, *order) for order in batch))
        cpu.append(street.server.cpu_seconds)
        receipts.append(await _count_receipts(street))
        refused = street.world.state.counters.limit_429s
        if refused:
            raise RuntimeError(f"the world refused {refused} messages")
    print_table(
        f"Provider's POST to the key in the chat, panel answering in {PANEL_MILLISECONDS} ms",
        ["", "keys", "p50 ms", "p95 ms", "most ms", "CPU ms a key", "receipts before keys"],
        [
            [*_row("one at a time", single, cpu[1] - cpu[0]), receipts[1] - receipts[0]],
            [
                *_row(f"{AT_A_TIME} at a time", crowd, cpu[2] - cpu[1]),
                receipts[2] - receipts[1],
            ],
        ],
    )


def _row(name: str, seconds: list[float], cpu_seconds: float) -> list[object]:
    """The CPU time is all that the service uses meanwhile, so its rests and looks count too."""
    figures = [percentile(seconds, share) for share in (0.5, 0.95, 1)]
    figures.append(cpu_seconds / len(seconds))
    return [name, len(seconds), *(milliseconds(figure) for figure in figures)]


async def _count_receipts(street: Street) -> int:
    """Those that were not withdrawn, because their key took longer than a second."""
    sent = "SELECT count(*) FROM outbox WHERE template = 'payment-received' AND status = 'sent'"
    return int(await street.database.fetchval(sent))


async def _buy(street: Street, user: int, invoice: Invoice) -> float:
    """Seconds; the world signs and posts the event in the moment that it is paid."""
    started = asyncio.get_running_loop().time()
    pay(street.world, invoice)
    return await street.arrivals.expect(user, _is_key) - started


def _is_key(message: MessageView) -> bool:
    return "photo" in message and "/panel/sub/" in str(message.get("caption"))


async def _order(street: Street, user: int) -> Invoice:
    """What a tap on the plan leaves behind: an invoice, its row and the checkout message."""
    purchase_id, now, lifetime = uuid4(), datetime.now(UTC), timedelta(hours=1)
    order = read_order(
        {
            "currency_type": "fiat",
            "fiat": "USD",
            "amount": "4.99",
            "payload": build_invoice_payload(purchase_id, user),
            "expires_in": int(lifetime.total_seconds()),
        }
    )
    invoice = create_invoice(street.world, order)
    message = Message(
        message_id=next_message_id(street.world, user),
        chat_id=user,
        from_bot=True,
        date=street.world.clock.timestamp(),
        body=Text(text="Checkout"),
    )
    add_message(street.world, message)
    values = [str(invoice.invoice_id), invoice.bot_invoice_url, message.message_id]
    await street.database.execute(_PURCHASE, purchase_id, user, *values, now, now + lifetime)
    return invoice
