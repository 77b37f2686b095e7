"""Friends who bring friends: once bound, rewarded once, taken back once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import event

from app.clients.balance import Balance
from app.core.money import Money
from app.db.models import AuditEntry, EntryKind, LedgerEntry, Purchase, User
from app.domain.payments import PurchaseKind, PurchaseStatus
from app.services import shop_settings
from app.services.ledger import add_ledger_entry
from app.services.payments import refunds
from app.services.payments.methods import PaymentMethods
from app.services.promotions import referrals
from app.services.users import TelegramProfile, lock_user, upsert_user
from tests.conftest import Skip
from tests.support.stall import ANNA, BEN, OLGA, Stall

DAY = timedelta(days=1)


async def _user(stall: Stall, user_id: int) -> User:
    (user,) = await stall.rows(User, User.id == user_id)
    return user


async def _bind(stall: Stall, user_id: int, to: int) -> bool:
    return await referrals.bind_referrer(stall.db, user_id, (await _user(stall, to)).referral_code)


async def _set(stall: Stall, **settings: object) -> None:
    for name, value in settings.items():
        await shop_settings.change_shop_setting(stall.db, name, str(value).lower())


async def _rewards(stall: Stall) -> list[tuple[int, int]]:
    entries = await stall.rows(LedgerEntry, LedgerEntry.kind == EntryKind.REFERRAL)
    return [(entry.user_id, entry.amount_minor) for entry in entries]


async def _take_back(stall: Stall, purchase: Purchase) -> None:
    """As a refund does: the buyer is locked first."""
    async with stall.db.unit_of_work() as session:
        await lock_user(session, purchase.user_id)
        await referrals.revoke_referral_reward(
            session, await session.get_one(Purchase, purchase.id)
        )


@asynccontextmanager
async def _counted(stall: Stall) -> AsyncIterator[list[str]]:
    """The statements that are run meanwhile."""
    statements: list[str] = []

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    engine = stall.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


# --- who sent whom ---------------------------------------------------------------------------


async def test_a_newcomer_is_bound_once_and_the_referrer_is_notified_of_it_once(
    stall: Stall,
) -> None:
    assert await _bind(stall, BEN, ANNA)
    assert not await _bind(stall, BEN, ANNA)
    assert not await _bind(stall, BEN, OLGA)

    assert (await _user(stall, BEN)).referrer_id == ANNA
    (notification,) = await stall.notifications(ANNA)
    assert (notification.template, notification.values) == ("friend-came", {"name": "Ben"})
    assert await stall.notified(OLGA) == []


async def test_fifty_codes_at_once_bind_one(stall: Stall) -> None:
    """P2: the first one brought the newcomer, and only they are notified."""
    people = range(5000, 5050)
    for id_ in people:
        await upsert_user(stall.db, TelegramProfile(id_, f"P{id_}", None, "en"))

    bound = await asyncio.gather(*(_bind(stall, BEN, id_) for id_ in people))

    assert bound.count(True) == 1
    referrer = people[bound.index(True)]
    assert (await _user(stall, BEN)).referrer_id == referrer
    told = [id_ for id_ in people if await stall.notified(id_)]
    assert told == [referrer]


async def test_nobody_brings_themselves_and_no_code_of_nobody_binds(stall: Stall) -> None:
    assert not await _bind(stall, BEN, BEN)
    for code in ("nobody", "", "x" * 500, "\x00"):
        assert not await referrals.bind_referrer(stall.db, BEN, code)
    assert not await referrals.bind_referrer(
        stall.db, 404, (await _user(stall, ANNA)).referral_code
    )
    assert (await _user(stall, BEN)).referrer_id is None


async def test_nobody_is_brought_in_a_circle(stall: Stall) -> None:
    assert await _bind(stall, BEN, ANNA)
    assert not await _bind(stall, ANNA, BEN)
    assert await _bind(stall, OLGA, BEN)
    assert not await _bind(stall, ANNA, OLGA)
    assert (await _user(stall, ANNA)).referrer_id is None


async def test_of_two_who_bring_each_other_at_once_one_does(stall: Stall) -> None:
    for pair in range(10):
        one, other = 6000 + 2 * pair, 6001 + 2 * pair
        for id_ in (one, other):
            await upsert_user(stall.db, TelegramProfile(id_, "P", None, "en"))
        bound = await asyncio.gather(_bind(stall, one, other), _bind(stall, other, one))
        assert sorted(bound) == [False, True]


async def test_who_has_had_access_or_paid_is_no_newcomer(stall: Stall) -> None:
    await stall.buy_and_pay(BEN)
    assert not await _bind(stall, BEN, ANNA)
    await stall.change(
        await _user(stall, OLGA), had_access_at=(await _user(stall, OLGA)).created_at
    )
    assert not await _bind(stall, OLGA, ANNA)


# --- what it brings --------------------------------------------------------------------------


async def test_the_first_payment_brings_its_share_once_for_ever(stall: Stall) -> None:
    """P2, P9: 10 % of 4.99 rounded down, in one notification; later payments bring nothing."""
    await _bind(stall, BEN, ANNA)
    await stall.buy_and_pay(BEN)
    await stall.buy_and_pay(BEN)

    assert await _rewards(stall) == [(ANNA, 49)]
    assert await stall.balance(ANNA) == Money(49, "USD")
    assert await stall.notified(ANNA) == ["friend-came", "referral-reward"]
    notification = (await stall.notifications(ANNA))[1]
    assert notification.values == {"name": "Ben", "amount": "0.49 USD", "days": 0}


async def test_every_payment_brings_its_share_when_the_operator_wants_it(stall: Stall) -> None:
    await _set(stall, referral_every_payment=True, referral_percent=50)
    await _bind(stall, BEN, ANNA)
    await stall.buy_and_pay(BEN)
    await stall.buy_and_pay(BEN)

    assert await _rewards(stall) == [(ANNA, 249), (ANNA, 249)]
    assert (await stall.notified(ANNA)).count("referral-reward") == 2
    await _set(stall, referral_every_payment=False)
    await stall.buy_and_pay(BEN)
    assert await stall.balance(ANNA) == Money(498, "USD")


async def test_the_same_payment_reported_twenty_times_is_rewarded_once(stall: Stall) -> None:
    """P2."""
    await _set(stall, referral_every_payment=True, referral_days=7)
    await _bind(stall, BEN, ANNA)
    purchase = await stall.buy(BEN)
    invoice = stall.provider.pay(purchase.invoice_id)

    await asyncio.gather(*(stall.settle(invoice) for _ in range(20)))

    assert await _rewards(stall) == [(ANNA, 49)]
    (gift,) = await stall.rows(Purchase, Purchase.kind == PurchaseKind.GIFT)
    assert (gift.user_id, gift.days) == (ANNA, 7)
    assert (await stall.notified(ANNA)).count("referral-reward") == 1


async def test_nothing_is_brought_while_rewards_are_off_or_the_payer_came_alone(
    stall: Stall,
) -> None:
    await stall.buy_and_pay(OLGA)
    await _set(stall, referral_percent=0)
    await _bind(stall, BEN, ANNA)
    await stall.buy_and_pay(BEN)
    assert await _rewards(stall) == []
    assert await stall.notified(ANNA) == ["friend-came"]


async def test_what_is_paid_from_the_balance_brings_nothing_again(stall: Stall) -> None:
    """Only money from outside counts: the balance was rewarded when it was filled."""
    await _set(stall, referral_every_payment=True)
    await _bind(stall, BEN, ANNA)
    async with stall.db.unit_of_work() as session:
        money = Money(1000, "USD")
        await add_ledger_entry(session, "gift", BEN, EntryKind.CORRECTION, money, reason="a test")
    order = await stall.order(BEN)
    await stall.change(order, from_balance_minor=499)
    paid = await stall.pay(order, Balance())
    assert paid.status is PurchaseStatus.PAID
    assert await _rewards(stall) == []


async def test_money_that_buys_nothing_is_rewarded_too(stall: Stall) -> None:
    """Too little for the order stays on the friend's balance: it came in all the same."""
    await _bind(stall, BEN, ANNA)
    purchase = await stall.buy(BEN)
    await stall.settle(stall.provider.pay(purchase.invoice_id, "2.00"))
    assert await _rewards(stall) == [(ANNA, 20)]


async def test_days_extend_the_newest_subscription_that_works(stall: Stall) -> None:
    await _set(stall, referral_days=7, referral_percent=0)
    await _bind(stall, BEN, ANNA)
    await stall.buy_and_pay(ANNA)
    before = await stall.subscription(ANNA)
    await stall.buy_and_pay(BEN)
    await stall.buy_and_pay(BEN)

    after = await stall.subscription(ANNA)
    assert after.expires_at == before.expires_at + 7 * DAY
    assert after.device_limit == before.device_limit
    notification = (await stall.notifications(ANNA))[-1]
    assert notification.values == {"name": "Ben", "amount": None, "days": 7}


async def test_days_without_a_subscription_are_a_new_one_like_a_trial(stall: Stall) -> None:
    await _set(stall, referral_days=7)
    await _bind(stall, BEN, ANNA)
    await stall.buy_and_pay(BEN)

    gift = await stall.subscription(ANNA)
    assert gift.traffic_limit_bytes == 10 * 1024**3
    assert (gift.device_limit, gift.is_trial) == (1, False)
    assert (await _user(stall, ANNA)).had_access_at is not None


async def test_users_who_pay_at_the_same_time_never_wait_for_each_other_both_ways(
    stall: Stall,
) -> None:
    """A chain of users, each brought by the one before, who all pay at once; ids go both ways."""
    await _set(stall, referral_days=1, referral_every_payment=True)
    chain = [7000, 7009, 7001, 7008, 7002, 7007, 7003, 7006]
    for id_ in chain:
        await upsert_user(stall.db, TelegramProfile(id_, f"P{id_}", None, "en"))
    for referrer, friend in pairwise(chain):
        assert await _bind(stall, friend, referrer)
    for _ in range(3):
        invoices = [stall.provider.pay((await stall.buy(id_)).invoice_id) for id_ in chain]
        outcomes = await asyncio.gather(*map(stall.settle, invoices))
        assert set(outcomes) == {"settled"}
    for id_ in chain[:-1]:
        assert await stall.balance(id_) == Money(3 * 49, "USD")


# --- and what a refund takes back ------------------------------------------------------------


async def test_a_refund_takes_money_and_days_back_once(stall: Stall) -> None:
    await _set(stall, referral_days=7)
    await _bind(stall, BEN, ANNA)
    await stall.buy_and_pay(ANNA)
    before = await stall.subscription(ANNA)
    purchase = await stall.buy_and_pay(BEN)

    await _take_back(stall, purchase)
    await _take_back(stall, purchase)

    assert await _rewards(stall) == [(ANNA, 49), (ANNA, -49)]
    assert await stall.balance(ANNA) == Money(0, "USD")
    after = await stall.subscription(ANNA)
    assert after.expires_at == before.expires_at
    (gift,) = await stall.rows(Purchase, Purchase.kind == PurchaseKind.GIFT)
    assert gift.status is PurchaseStatus.REFUNDED
    notifications = [
        row for row in await stall.notifications(ANNA) if row.template == "referral-taken-back"
    ]
    assert [row.values for row in notifications] == [
        {"name": "Ben", "amount": "0.49 USD", "days": 1}
    ]


async def test_a_refund_takes_back_what_the_referrer_got_and_nothing_of_another(
    stall: Stall,
) -> None:
    """P9: a reward of somebody else for the same purchase is theirs."""
    await _bind(stall, BEN, ANNA)
    purchase = await stall.buy_and_pay(BEN)
    async with stall.db.unit_of_work() as session:
        money = Money(1000, "USD")
        await add_ledger_entry(
            session, "other", OLGA, EntryKind.REFERRAL, money, purchase_id=purchase.id
        )
        await add_ledger_entry(session, "more", ANNA, EntryKind.CORRECTION, money, reason="a test")

    await _take_back(stall, purchase)

    assert await stall.balance(ANNA) == Money(1000, "USD")
    assert await stall.balance(OLGA) == Money(1000, "USD")


async def test_a_refund_never_makes_the_referrers_balance_negative(stall: Stall) -> None:
    """P9: what was spent is missing, and that is written down."""
    await _bind(stall, BEN, ANNA)
    purchase = await stall.buy_and_pay(BEN)
    async with stall.db.unit_of_work() as session:
        money = Money(-30, "USD")
        await add_ledger_entry(session, "spent", ANNA, EntryKind.CORRECTION, money, reason="a test")

    await _take_back(stall, purchase)

    assert await stall.balance(ANNA) == Money(0, "USD")
    assert await _rewards(stall) == [(ANNA, 49), (ANNA, -19)]
    (noted,) = await stall.rows(AuditEntry, AuditEntry.action == "referral_taken_back")
    assert (noted.details["taken"], noted.details["missing"]) == ("0.19 USD", "0.30 USD")


async def test_days_that_were_used_stay_used(stall: Stall, skip: Skip) -> None:
    """A gift of its own ends now, and never before now."""
    await _set(stall, referral_days=7, referral_percent=0)
    await _bind(stall, BEN, ANNA)
    purchase = await stall.buy_and_pay(BEN)
    skip(5 * DAY)

    await _take_back(stall, purchase)

    subscription = await stall.subscription(ANNA)
    (gift,) = await stall.rows(Purchase, Purchase.kind == PurchaseKind.GIFT)
    assert gift.refunded_at is not None
    assert abs(subscription.ends_at - gift.refunded_at) < timedelta(minutes=1)


async def test_a_refund_of_what_brought_nothing_takes_nothing(stall: Stall) -> None:
    await _set(stall, referral_days=7)
    await _bind(stall, BEN, ANNA)
    await stall.buy_and_pay(BEN)
    later = await stall.buy_and_pay(BEN)

    await _take_back(stall, later)
    await _take_back(stall, await stall.buy_and_pay(OLGA))

    assert await stall.balance(ANNA) == Money(49, "USD")
    assert "referral-taken-back" not in await stall.notified(ANNA)


async def test_rewards_and_refunds_at_once_keep_the_books(stall: Stall) -> None:
    """Friends pay again while their first purchases are refunded; nobody waits both ways."""
    await _set(stall, referral_days=1, referral_every_payment=True)
    friends = range(8000, 8010)
    for id_ in friends:
        await upsert_user(stall.db, TelegramProfile(id_, "P", None, "en"))
        assert await _bind(stall, id_, ANNA)
    first = [await stall.buy_and_pay(id_) for id_ in friends]
    again = [stall.provider.pay((await stall.buy(id_)).invoice_id) for id_ in friends]

    await asyncio.gather(
        *(_take_back(stall, purchase) for purchase in first), *map(stall.settle, again)
    )

    assert await stall.balance(ANNA) == Money(10 * 49, "USD")
    gifts = await stall.rows(Purchase, Purchase.kind == PurchaseKind.GIFT)
    assert [gift.status for gift in gifts] == [PurchaseStatus.REFUNDED] * 10


async def test_the_operators_refund_takes_the_reward_back_while_users_pay(stall: Stall) -> None:
    """P2, P9: through the refund itself, with the friend and the referrer paying meanwhile."""
    await _set(stall, referral_days=7, referral_every_payment=True)
    payment_methods = PaymentMethods([stall.provider])
    for friend, referrer in ((8101, 8102), (8104, 8103)):  # ids in both orders
        for id_ in (friend, referrer):
            await upsert_user(stall.db, TelegramProfile(id_, "P", None, "en"))
        assert await _bind(stall, friend, referrer)
        first = await stall.buy_and_pay(friend)
        told_again = stall.provider.invoices[first.invoice_id or ""]
        invoices = [
            stall.provider.pay((await stall.buy(id_)).invoice_id) for id_ in (friend, referrer)
        ]

        await asyncio.gather(
            refunds.refund_purchase(stall.db, payment_methods, first.id, OLGA, "a test"),
            *map(stall.settle, [*invoices, told_again, told_again]),
        )

        assert await stall.balance(referrer) == Money(49, "USD")
        mine = [row for row in await _rewards(stall) if row[0] == referrer]
        assert sorted(mine) == [(referrer, -49), (referrer, 49), (referrer, 49)]
        assert (await stall.notified(referrer)).count("referral-taken-back") == 1


async def test_who_is_bound_while_paying_is_rewarded_or_not_bound(stall: Stall) -> None:
    """Whichever comes first: a bound friend's first payment is never forgotten."""
    for friend in range(8200, 8210):
        await upsert_user(stall.db, TelegramProfile(friend, "P", None, "en"))
        invoice = stall.provider.pay((await stall.buy(friend)).invoice_id)
        before = len(await _rewards(stall))
        bound, _ = await asyncio.gather(_bind(stall, friend, ANNA), stall.settle(invoice))
        assert len(await _rewards(stall)) == before + int(bound)


# --- the page --------------------------------------------------------------------------------


async def test_the_page_counts_with_two_queries_however_many_friends(stall: Stall) -> None:
    assert await referrals.get_referral_stats(stall.db, ANNA) == referrals.ReferralStats(0, 0, [])
    async with stall.db.unit_of_work() as session:
        for id_ in range(9000, 9300):
            session.add(
                User(
                    id=id_,
                    language="en",
                    first_name="P",
                    created_at=(await session.get_one(User, ANNA)).created_at,
                    referral_code=f"code{id_}",
                    referrer_id=ANNA,
                )
            )
    await stall.buy_and_pay(9001)
    await stall.buy_and_pay(9002)
    await stall.buy_and_pay(9002)
    async with stall.db.unit_of_work() as session:
        await add_ledger_entry(session, "eur", ANNA, EntryKind.REFERRAL, Money(5, "EUR"))

    async with _counted(stall) as statements:
        page = await referrals.get_referral_stats(stall.db, ANNA)

    assert (page.came, page.paid) == (300, 2)
    assert list(page.earned) == [Money(5, "EUR"), Money(98, "USD")]
    assert len(statements) == 2


async def test_an_invited_user_can_read_by_whom(stall: Stall) -> None:
    await _bind(stall, BEN, ANNA)
    assert await referrals.get_referrer_name(stall.db, BEN) == "Anna"
    assert await referrals.get_referrer_name(stall.db, ANNA) is None
