"""What is over leaves after its time, and nothing else does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from app.core import clock
from app.core.metrics import REGISTRY
from app.core.round_counts import MORE_DUE
from app.db.models import (
    Base,
    Bridge,
    EventOutcome,
    ExternalEvent,
    FailedUpdate,
    LegMatch,
    OutboxMessage,
    OutboxStatus,
    PromoCode,
    PromoUse,
    Purchase,
    Transaction,
    Watch,
)
from app.domain.messages import DeliveryGuarantee, Lane
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.domain.promo_codes import PromoKind
from app.domain.tracking import TxState, WatchMode
from app.services.retention.batches import DELETE_BATCH_ROWS
from app.services.retention.cleanup import RETENTION_STEPS, run_retention
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.overview import measure_watches
from app.workers.rounds import run_cleanup
from tests.support.fake_chains import block_hash, tx_hash
from tests.support.stall import ANNA, BEN, Stall

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
MONTH = 30 * DAY
QUARTER = 90 * DAY


@pytest.fixture
def now() -> datetime:
    return clock.now()


async def put(stall: Stall, *rows: Base) -> None:
    async with stall.db.unit_of_work() as session:
        session.add_all(rows)


def watch(number: int, ended_at: datetime | None, user_id: int = ANNA, **more: object) -> Watch:
    known = {
        "user_id": user_id,
        "chat_id": user_id,
        "chain": "eth",
        "tx_hash": tx_hash(number),
        "mode": WatchMode.EVERY,
        "muted": False,
        "about": {},
        "created_at": clock.now() - 100 * DAY,
        "card_lost": False,
        "ended_at": ended_at,
    }
    return Watch(**{**known, **more})


def transaction(number: int, ended_at: datetime | None, chain: str = "eth") -> Transaction:
    return Transaction(
        chain=chain,
        tx_hash=tx_hash(number),
        state=TxState.FINAL if ended_at else TxState.MINED,
        block_number=1,
        block_hash=block_hash(1),
        succeeded=True,
        first_seen_at=clock.now() - 100 * DAY,
        changed_at=clock.now(),
        ended_at=ended_at,
    )


def notification(
    key: str, created_at: datetime, status: OutboxStatus = OutboxStatus.SENT
) -> OutboxMessage:
    return OutboxMessage(
        key=key,
        chat_id=ANNA,
        template="of-a-test",
        values={},
        lane=Lane.NOTIFICATION,
        guarantee=DeliveryGuarantee.AT_MOST_ONCE,
        status=status,
        created_at=created_at,
        due_at=created_at,
    )


def order(expires_at: datetime, **more: object) -> Purchase:
    known = {
        "id": uuid4(),
        "user_id": ANNA,
        "kind": PurchaseKind.PLAN,
        "status": PurchaseStatus.EXPIRED,
        "titles": {"en": "Standard", "ru": "Стандарт"},
        "days": 30,
        "traffic_limit_bytes": 0,
        "device_limit": 1,
        "price_minor": 499,
        "currency": "USD",
        "created_at": expires_at - timedelta(hours=1),
        "expires_at": expires_at,
    }
    return Purchase(**{**known, **more})


def event(
    number: int, received_at: datetime, outcome: EventOutcome, event_type: str = "invoice_paid"
) -> ExternalEvent:
    return ExternalEvent(
        provider="cryptobot",
        external_id=str(number),
        event_type=event_type,
        body=b"{}",
        received_at=received_at,
        outcome=outcome,
    )


def bridge(first: Watch, second: Watch | None) -> Bridge:
    return Bridge(
        user_id=ANNA,
        first_watch_id=first.id,
        second_watch_id=second.id if second else None,
        match=LegMatch.GIVEN,
        sent_at=clock.now(),
        rejected=[],
        created_at=clock.now(),
    )


async def run(stall: Stall) -> dict[str, int]:
    tidied = await run_retention(stall.db)
    assert not tidied.is_unfinished
    return {name: count for name, count in tidied.removed.items() if count}


# --- watches and transactions ------------------------------------------------------------------


async def test_a_watch_stays_for_30_days_after_its_end(stall: Stall, now: datetime) -> None:
    fresh, open_one = watch(2, now - MONTH + timedelta(minutes=1), BEN), watch(3, None, BEN)
    await put(stall, watch(1, now - MONTH), fresh, open_one)
    assert await run(stall) == {"watches": 1}
    assert [row.id for row in await stall.rows(Watch)] == [fresh.id, open_one.id]
    assert await run(stall) == {}


async def test_a_transaction_goes_with_its_last_watch(stall: Stall, now: datetime) -> None:
    await put(
        stall,
        *(transaction(number, now - MONTH) for number in (1, 2, 3)),
        transaction(4, None),  # still followed
        transaction(5, now - MONTH + timedelta(minutes=1)),
        transaction(3, now - MONTH, "bsc"),  # nobody's: the watch of the same hash is of eth
        watch(1, now - MONTH),
        watch(2, now - MONTH),
        watch(2, now - DAY, BEN),
        watch(3, now),
    )
    assert await run(stall) == {"watches": 2, "transactions": 2}
    left = [(row.chain, row.tx_hash) for row in await stall.rows(Transaction)]
    assert left == [("eth", tx_hash(number)) for number in (2, 3, 4, 5)]
    assert await run(stall) == {}


async def test_what_is_awaited_anywhere_keeps_the_transactions_of_all_chains(
    stall: Stall, now: datetime
) -> None:
    await put(
        stall,
        transaction(1, now - MONTH),
        transaction(1, now - MONTH, "bsc"),
        watch(1, None, chain=None, awaited_until=now + DAY),
    )
    assert await run(stall) == {}
    assert len(await stall.rows(Transaction)) == 2


async def test_a_bridge_goes_when_both_legs_are_due(stall: Stall, now: datetime) -> None:
    legs = [watch(number, now - MONTH) for number in range(1, 5)]
    late, alone = watch(5, now - DAY), watch(6, now - MONTH)
    await put(stall, *legs, late, alone)
    await put(
        stall,
        bridge(legs[0], legs[1]),
        bridge(legs[2], late),
        bridge(late, legs[3]),
        bridge(alone, None),
    )
    assert await run(stall) == {"watches": 3}
    left = [(row.first_watch_id, row.second_watch_id) for row in await stall.rows(Bridge)]
    assert left == [(legs[2].id, late.id), (late.id, legs[3].id)]


async def test_a_watch_that_a_user_opens_again_meanwhile_is_left_alone(
    stall: Stall, now: datetime
) -> None:
    await put(stall, watch(1, now - MONTH), transaction(1, now - MONTH))
    async with stall.db.unit_of_work() as session:
        await session.scalars(select(Transaction).with_for_update())
        row = (await session.scalars(select(Watch).with_for_update())).one()
        assert await run(stall) == {}
        row.ended_at = None
    assert await run(stall) == {}
    assert len(await stall.rows(Watch)) == 1


# --- notifications ------------------------------------------------------------------------------


async def test_milestones_stay_as_long_as_their_watch(stall: Stall, now: datetime) -> None:
    """P11: an open watch may reach it again, and its keys hold it back."""
    followed, over = watch(1, None), watch(2, now - MONTH)
    await put(stall, followed, over)
    mined = [notification(f"watch:{one.id}:mined:0xa", now - MONTH) for one in (followed, over)]
    await put(stall, *mined)
    assert await run(stall) == {"watches": 1, "notifications": 1}
    assert [row.key for row in await stall.rows(OutboxMessage)] == [mined[0].key]
    await stall.change(followed, ended_at=now - MONTH)
    assert await run(stall) == {"watches": 1, "notifications": 1}


async def test_notifications_of_a_bridge_go_with_it(stall: Stall, now: datetime) -> None:
    legs = watch(1, now - DAY), watch(2, now - DAY)
    await put(stall, *legs)
    kept = bridge(*legs)
    await put(stall, kept)
    await put(
        stall,
        notification(f"bridge-done:{kept.id}:0", now - MONTH),
        notification(f"bridge-match:{kept.id + 1}:0xa", now - MONTH),
    )
    assert await run(stall) == {"notifications": 1}


@pytest.mark.parametrize(
    "key",
    [
        "kept:2026-01-01T10:1003",
        "late:1001:2026-01-01T10:00",
        "trial:1:ended:20260101T100000",
        "reminder-72:1:20260101T100000",
        "renewal-failed:1:20260101T100000",
        "paid:b7c5",
        "referral-reward:b7c5",
        "answer:1003:7",
    ],
)
async def test_what_cannot_be_sent_again_goes_after_30_days(
    stall: Stall, now: datetime, key: str
) -> None:
    younger = notification(f"{key}:younger", now - MONTH + timedelta(minutes=1))
    await put(stall, notification(key, now - MONTH), younger)
    assert await run(stall) == {"notifications": 1}
    assert [row.id for row in await stall.rows(OutboxMessage)] == [younger.id]


@pytest.mark.parametrize(
    "key",
    [
        "question:1001:7:1003",  # the operator's reply finds its user by it
        "attention:1:2",
        "removal:1:2:1003",
        "new-key:b7c5",
        "event-failed:7:1003",
        "payment-foreign:7:1003",
        "nobody-thought-about-it:1",
        "trial-of-another-kind:1",
        "watch:not-a-number:mined",
        "watch:",
        "bridge-match",
    ],
)
async def test_what_may_be_needed_stays(stall: Stall, now: datetime, key: str) -> None:
    """P4; and a key that is none does not keep the others from going."""
    await put(stall, notification(key, now - QUARTER), notification("paid:1", now - MONTH))
    assert await run(stall) == {"notifications": 1}
    assert [row.key for row in await stall.rows(OutboxMessage)] == [key]


@pytest.mark.parametrize(
    ("status", "goes"),
    [
        (OutboxStatus.SENT, True),
        (OutboxStatus.WITHDRAWN, True),
        (OutboxStatus.UNREACHABLE, True),
        (OutboxStatus.WAITING, False),
        (OutboxStatus.FAILED, False),
        (OutboxStatus.DOUBTFUL, False),
    ],
)
async def test_what_is_not_over_stays(
    stall: Stall, now: datetime, status: OutboxStatus, *, goes: bool
) -> None:
    """P3: what is still to be sent is sent."""
    await put(stall, notification("paid:1", now - QUARTER, status))
    assert await run(stall) == ({"notifications": 1} if goes else {})


# --- orders -------------------------------------------------------------------------------------


async def test_an_order_that_nobody_paid_for_goes_after_30_days(
    stall: Stall, now: datetime
) -> None:
    drafts = order(now - MONTH), order(now - MONTH, status=PurchaseStatus.CANCELLED)
    younger = order(now - MONTH + timedelta(minutes=1), user_id=BEN)
    code = PromoCode(
        code="MAY", kind=PromoKind.PERCENT, value=10, max_uses_per_user=1, created_at=now
    )
    await put(stall, *drafts, younger, code)
    await put(
        stall,
        *(
            PromoUse(promo_code_id=code.id, user_id=ANNA, purchase_id=one.id, created_at=now)
            for one in (drafts[0], younger)
        ),
    )
    assert await run(stall) == {"draft_orders": 2}
    assert [row.id for row in await stall.rows(Purchase)] == [younger.id]
    assert [row.purchase_id for row in await stall.rows(PromoUse)] == [younger.id]
    assert await run(stall) == {}


@pytest.mark.parametrize(
    "more",
    [
        {"provider": "cryptobot"},  # there may be an invoice whose id never reached us
        {"provider": "cryptobot", "invoice_id": "7"},
        {"kind": PurchaseKind.TRIAL},  # of which there is one for ever
        {"kind": PurchaseKind.GIFT},
        {"status": PurchaseStatus.CREATED},
    ],
)
async def test_what_could_still_be_paid_or_counts_stays(
    stall: Stall, now: datetime, more: dict[str, object]
) -> None:
    """P1."""
    await put(stall, order(now - QUARTER, **more))
    assert await run(stall) == {}


async def test_what_was_bought_stays_however_old(
    stall: Stall, skip: Callable[[timedelta], None]
) -> None:
    """P9: the ledger and all that it refers to."""
    await stall.buy_and_pay()
    before = await stall.balance()
    skip(400 * DAY)
    await run(stall)
    assert len(await stall.rows(Purchase)) == 1
    assert await stall.balance() == before


# --- what came from outside ---------------------------------------------------------------------


async def test_handled_and_early_events_go_after_90_days(stall: Stall, now: datetime) -> None:
    """P1: what an operator has to decide about stays."""
    outcomes = list(EventOutcome)
    await put(
        stall,
        *(event(number, now - QUARTER, outcome) for number, outcome in enumerate(outcomes)),
        event(90, now - QUARTER + timedelta(minutes=1), EventOutcome.SETTLED),
        event(91, now - QUARTER, EventOutcome.IGNORED, "malformed"),
        event(92, now - QUARTER, EventOutcome.RECEIVED, "payment_refunded"),
        event(93, now - QUARTER + DAY, EventOutcome.RECEIVED),
    )
    assert await run(stall) == {"events": 5}
    left = {(row.external_id, row.outcome) for row in await stall.rows(ExternalEvent)}
    assert {outcome for _, outcome in left} == {
        EventOutcome.RECEIVED,
        EventOutcome.UNMATCHED,
        EventOutcome.DISPUTED,
        EventOutcome.FAILED,
        EventOutcome.SETTLED,
        EventOutcome.IGNORED,
    }
    assert len(left) == 6
    assert ("93", EventOutcome.RECEIVED) in left
    assert await run(stall) == {}


async def test_failed_updates_go_after_90_days_but_for_money(stall: Stall, now: datetime) -> None:
    bodies = [
        {"message": {"text": "/start"}},
        {},
        {"callback_query": {"data": "x"}},
        {"message": "no message"},
        {"message": {"successful_payment": {}}},
        {"message": {"refunded_payment": {}}},
        {"pre_checkout_query": {}},
    ]
    rows = [
        FailedUpdate(update_id=number, body=body, error="E", created_at=now - QUARTER)
        for number, body in enumerate(bodies)
    ]
    young = FailedUpdate(update_id=99, body={}, error="E", created_at=now - QUARTER + DAY)
    await put(stall, *rows, young)
    assert await run(stall) == {"failed_updates": 4}
    assert [row.update_id for row in await stall.rows(FailedUpdate)] == [4, 5, 6, 99]


# --- rounds -------------------------------------------------------------------------------------


async def test_much_is_removed_in_bites_within_the_time_there_is(
    stall: Stall, now: datetime
) -> None:
    async with stall.db.unit_of_work() as session:
        await session.execute(
            text(
                "INSERT INTO external_events"
                " (provider, external_id, event_type, body, received_at, outcome)"
                " SELECT 'cryptobot', n::text, 'invoice_paid', '', :at, 'settled'"
                " FROM generate_series(1, :count) AS n"
            ),
            {"at": now - QUARTER, "count": 2 * DELETE_BATCH_ROWS + 1},
        )
    await put(stall, watch(1, now - MONTH), order(now - MONTH))
    tidied = await run_retention(stall.db, timedelta())
    assert tidied.removed["events"] == DELETE_BATCH_ROWS
    assert tidied.removed["watches"] == tidied.removed["draft_orders"] == 1
    assert tidied.is_unfinished
    counts = await run_cleanup(stall.db, ShopSettingsCache(stall.db))
    assert counts["events"] == DELETE_BATCH_ROWS + 1
    assert counts[MORE_DUE] == 0
    assert await run(stall) == {}
    async with stall.db.unit_of_work() as session:
        assert await session.scalar(select(func.count()).select_from(ExternalEvent)) == 0


async def test_a_step_that_fails_keeps_no_other_from_its_work(stall: Stall, now: datetime) -> None:
    """P6: one poison row never blocks the others."""
    await put(
        stall,
        watch(1, now - MONTH),
        order(now - MONTH),
        event(1, now - QUARTER, EventOutcome.SETTLED),
    )
    async with stall.db.unit_of_work() as session:
        await session.execute(
            text(
                "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql"
                " AS 'BEGIN RAISE EXCEPTION ''poison''; END'"
            )
        )
        await session.execute(
            text(
                "CREATE TRIGGER poison BEFORE DELETE ON watches"
                " FOR EACH ROW EXECUTE FUNCTION poison()"
            )
        )
    try:
        with pytest.raises(Exception, match="poison"):
            await run_retention(stall.db)
    finally:
        async with stall.db.unit_of_work() as session:
            await session.execute(text("DROP FUNCTION poison CASCADE"))
    assert len(await stall.rows(Watch)) == 1
    assert await stall.rows(Purchase) == []
    assert await stall.rows(ExternalEvent) == []


async def test_an_empty_database_has_nothing_to_do(stall: Stall) -> None:
    tidied = await run_retention(stall.db)
    assert tidied.removed == dict.fromkeys(RETENTION_STEPS, 0)


# --- the gauge ----------------------------------------------------------------------------------


async def test_open_watches_are_measured_by_chain_and_state(stall: Stall, now: datetime) -> None:
    watches = [watch(1, None), watch(1, None, BEN), watch(2, None, chain=None), watch(3, now)]
    await put(stall, transaction(1, None), *watches)
    async with stall.db.unit_of_work() as session:
        await measure_watches(session)
    assert measured("eth", "mined") == 2
    assert measured("any", "unknown") == 1
    await stall.change(watches[0], ended_at=now)
    await stall.change(watches[2], ended_at=now)
    async with stall.db.unit_of_work() as session:
        await measure_watches(session)
    assert measured("eth", "mined") == 1
    assert measured("any", "unknown") is None


def measured(chain: str, state: str) -> float | None:
    return REGISTRY.get_sample_value("tollgate_watches", {"chain": chain, "state": state})
