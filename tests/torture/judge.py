"""The verdict, from outside: what was paid, what came of it, and what everybody was sent."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.support.books import Books
from tests.support.relay import Call
from tests.support.service_under_test import ServiceUnderTest
from tests.support.shop import is_key, text_of
from tests.torture.buyers import Buyer
from tests.torture.fleet import Fleet

_MONEY = (b"pre_checkout_query", b"successful_payment", b"refunded_payment")
_TERM = timedelta(days=30)
_TOLERANCE = timedelta(days=1)  # of a length seen from outside, after clocks that jumped
_PRICE_MINOR = 499


async def judge(
    sut: ServiceUnderTest, books: Books, buyers: list[Buyer], fleet: Fleet, interruptions: int
) -> list[str]:
    """What is wrong, in sentences; nothing where all is well."""
    wrong = [sentence for buyer in buyers for sentence in await _judge_buyer(sut, books, buyer)]
    doubles = sum(_doubled_keys(buyer) + _doubled_receipts(sut, buyer) for buyer in buyers)
    if doubles > interruptions:
        wrong.append(
            f"{doubles} keys or receipts came twice, more than the {interruptions} interruptions"
        )
    wrong += [f"{call.path} answered {call.status}" for call in sut.router.calls if _is_bad(call)]
    for instance in fleet.all:
        crashed = {line.get("task") for line in instance.logged("task_crashed")}
        wrong += [f"{instance.name}: {task} crashed" for task in sorted(map(str, crashed))]
    return wrong


def count_paid(sut: ServiceUnderTest, person_id: int) -> int:
    """At Crypto Pay and with Stars."""
    state = sut.world.server.world.state
    invoices = [one for one in state.invoices.values() if one.status == "paid"]
    mine = [one for one in invoices if (one.payload or "").endswith(f".{person_id}")]
    return len(mine) + len([one for one in state.star_transactions if one.person_id == person_id])


async def _judge_buyer(sut: ServiceUnderTest, books: Books, buyer: Buyer) -> list[str]:
    id_, paid = buyer.user.id, count_paid(sut, buyer.user.id)
    rows = await books.rows("SELECT * FROM purchases WHERE user_id = $1 AND status = 'paid'", id_)
    ledger = await books.rows("SELECT kind, amount_minor FROM ledger_entries WHERE user_id=$1", id_)
    kinds = Counter((row["kind"], row["amount_minor"]) for row in ledger)
    expected = Counter({("payment", _PRICE_MINOR): paid, ("sale", -_PRICE_MINOR): paid})
    facts = {
        f"paid {paid} times, sold {len(rows)} times": len(rows) == paid,
        f"the ledger holds {dict(kinds)}": kinds == +expected,
        "a purchase was not delivered": all(row["delivered_at"] for row in rows),
        "a period has another length": all(_length(row) == row["days"] for row in rows),
        "periods overlap": _are_disjoint(rows),
        f"the panel's accounts end otherwise: {_ends(sut, id_)}": _is_on_the_panel(sut, id_, paid),
        "a message that must be heard was not sent": await _is_told(books, id_),
        "no key came": not paid or _keys(buyer) > 0,
        f"{_receipts(buyer)} receipts and no payment": paid > 0 or not _receipts(buyer),
    }
    return [f"buyer {id_}: {fact}" for fact, holds in facts.items() if not holds]


def _length(row: dict[str, Any]) -> int:
    length: timedelta = row["covers_until"] - row["covers_from"]
    return length.days


def _are_disjoint(rows: list[dict[str, Any]]) -> bool:
    periods = sorted((row["covers_from"], row["covers_until"]) for row in rows)
    return all(one[1] <= other[0] for one, other in pairwise(periods))


def _ends(sut: ServiceUnderTest, person_id: int) -> list[datetime]:
    accounts = sut.world.server.world.state.panel_users.values()
    name = f"u{person_id}_"
    return [one.expires_at for one in accounts if one.name.startswith(name) and not one.removed]


def _is_on_the_panel(sut: ServiceUnderTest, person_id: int, paid: int) -> bool:
    """A user who paid has one account, for as many terms; one who did not has none."""
    ends = _ends(sut, person_id)
    if not paid:
        return not ends
    return len(ends) == 1 and abs(ends[0] - datetime.now(UTC) - paid * _TERM) < _TOLERANCE


async def _is_told(books: Books, person_id: int) -> bool:
    """Keys and payments are never left in doubt, other notifications may be.

    A receipt is withdrawn where the key's message brings it.
    """
    query = """
        SELECT 1 FROM outbox WHERE chat_id = $1 AND doubt = 'send_again'
        AND NOT (status = 'sent' OR status = 'withdrawn' AND key LIKE 'paid:%')
    """
    return not await books.rows(query, person_id)


def _keys(buyer: Buyer) -> int:
    return len([message for message in buyer.chat() if is_key(message)])


def _doubled_keys(buyer: Buyer) -> int:
    """A first key is sent once; later purchases extend it, in words."""
    return max(_keys(buyer) - 1, 0)


def _doubled_receipts(sut: ServiceUnderTest, buyer: Buyer) -> int:
    """A message of a payment prefers twice to never, like a key (P4), which counts as one."""
    return max(_receipts(buyer) - count_paid(sut, buyer.user.id) - _doubled_keys(buyer), 0)


def _receipts(buyer: Buyer) -> int:
    return len([one for one in buyer.chat() if "Payment received" in text_of(one)])


def _is_bad(call: Call) -> bool:
    """502 is the relay's own, 503 asks for a repeat; 500 is for money that was not stored."""
    if call.status < 500 or call.status in {502, 503}:
        return False
    return not (call.path == "/telegram/webhook" and _carries_money(call.body))


def _carries_money(body: bytes) -> bool:
    return any(word in body for word in _MONEY) and isinstance(json.loads(body), dict)
