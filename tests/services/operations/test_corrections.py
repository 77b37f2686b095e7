"""Money that an operator gives or takes, and what they see before."""

import asyncio

import pytest

from app.clients.balance import Balance
from app.core.money import Money
from app.db.models import AuditEntry, LedgerEntry
from app.domain.payments import PurchaseStatus
from app.services import shop_settings
from app.services.operations.corrections import (
    BalanceOverdrawnError,
    CorrectionTooLargeError,
    UnknownUserError,
    correct_balance,
    preview_correction,
)
from app.services.operations.user_page import require_user_page
from app.services.payments.balance_page import (
    get_balance_history,
    get_balances,
    get_purchase_history,
)
from app.services.purchases import top_ups
from tests.support.stall import ANNA, BEN, OLGA, Stall


def usd(minor: int) -> Money:
    return Money(minor, "USD")


async def give(stall: Stall, minor: int, message_id: int, user_id: int = ANNA) -> Money:
    return await correct_balance(stall.db, OLGA, message_id, user_id, usd(minor), "a test")


async def test_a_correction_is_entered_audited_and_reported(stall: Stall) -> None:
    """P3, P9: with its reason in all three places."""
    balance = await correct_balance(stall.db, OLGA, 7, ANNA, usd(550), "за <простой>")
    assert balance == usd(550) == await stall.balance()
    (entry,) = await stall.rows(LedgerEntry)
    assert (entry.kind, entry.amount_minor, entry.reason) == ("correction", 550, "за <простой>")
    (audited,) = await stall.rows(AuditEntry)
    assert (audited.actor, audited.action, audited.subject) == (
        f"user:{OLGA}",
        "balance_corrected",
        f"user:{ANNA}",
    )
    assert audited.details == {"amount": "5.50 USD", "reason": "за <простой>"}
    (notification,) = await stall.notifications()
    assert notification.template == "balance-corrected"
    assert notification.values == {
        "amount": "5.50 USD",
        "balance": "5.50 USD",
        "reason": "за <простой>",
    }


async def test_the_same_message_corrects_once(stall: Stall) -> None:
    """P2: Telegram may deliver a command twice, also both at once."""
    balances = await asyncio.gather(*(give(stall, 500, message_id=7) for _ in range(5)))
    assert set(balances) == {usd(500)}
    assert await give(stall, 500, message_id=7) == usd(500)
    assert await stall.balance() == usd(500)
    assert await stall.notified() == ["balance-corrected"]
    assert len(await stall.rows(AuditEntry)) == 1
    await give(stall, 500, message_id=8)
    assert await stall.balance() == usd(1000)


async def test_a_correction_that_emptied_the_balance_is_no_refusal_when_repeated(
    stall: Stall,
) -> None:
    """P2: the repetition says what the first one did."""
    await give(stall, 500, message_id=7)
    assert await give(stall, -500, message_id=8) == usd(0)
    assert await give(stall, -500, message_id=8) == usd(0)


async def test_nothing_goes_below_zero(stall: Stall) -> None:
    """P9: refused whole, nothing written, nobody notified."""
    await give(stall, 500, message_id=7)
    with pytest.raises(BalanceOverdrawnError):
        await give(stall, -501, message_id=8)
    assert await stall.balance() == usd(500)
    assert len(await stall.notifications()) == 1
    assert len(await stall.rows(AuditEntry)) == 1
    assert await give(stall, -500, message_id=9) == usd(0)


async def test_two_corrections_at_once_take_the_money_once(stall: Stall) -> None:
    """P9: the user is locked while their balance decides."""
    await give(stall, 500, message_id=1)
    outcomes = await asyncio.gather(
        *(give(stall, -400, message_id=10 + i) for i in range(5)), return_exceptions=True
    )
    assert [type(o) for o in outcomes].count(BalanceOverdrawnError) == 4
    assert await stall.balance() == usd(100)


async def test_nobody_knows_whom_the_bot_never_met(stall: Stall) -> None:
    with pytest.raises(UnknownUserError):
        await give(stall, 500, message_id=7, user_id=999)
    with pytest.raises(UnknownUserError):
        await require_user_page(stall.db, 999)


@pytest.mark.parametrize("sign", [1, -1])
async def test_a_correction_has_a_ceiling_that_the_operator_sets(stall: Stall, sign: int) -> None:
    """P9: above it nothing changes, confirmed or not."""
    await give(stall, 50_000, message_id=1)
    await give(stall, 50_000, message_id=2)
    with pytest.raises(CorrectionTooLargeError):
        await preview_correction(stall.db, ANNA, usd(sign * 50_001))
    with pytest.raises(CorrectionTooLargeError):
        await give(stall, sign * 50_001, message_id=3)
    assert await stall.balance() == usd(100_000)
    await shop_settings.change_shop_setting(stall.db, "correction_most_minor", "60000")
    assert (await preview_correction(stall.db, ANNA, usd(sign * 60_000))).before == usd(100_000)
    assert await give(stall, sign * 60_000, message_id=3) == usd(100_000 + sign * 60_000)
    await shop_settings.change_shop_setting(stall.db, "correction_most_minor", "1")
    again = await give(stall, sign * 60_000, message_id=3)
    assert again == usd(100_000 + sign * 60_000), "a repetition says what the first one did"


async def test_a_preview_changes_nothing(stall: Stall) -> None:
    await give(stall, 500, message_id=1)
    found = await preview_correction(stall.db, ANNA, usd(-400))
    assert (found.user.id, found.before, found.after) == (ANNA, usd(500), usd(100))
    with pytest.raises(BalanceOverdrawnError):
        await preview_correction(stall.db, ANNA, usd(-501))
    with pytest.raises(UnknownUserError):
        await preview_correction(stall.db, 999, usd(1))
    assert await stall.balance() == usd(500)
    assert len(await stall.rows(AuditEntry)) == 1


# --- pages ------------------------------------------------------------------------------------


async def test_balances_begin_with_the_shops_currency(stall: Stall) -> None:
    assert await get_balances(stall.db, ANNA) == [usd(0)]
    await give(stall, 500, 1)
    for message_id, minor in ((2, 300), (3, 700)):
        await correct_balance(stall.db, OLGA, message_id, ANNA, Money(minor, "EUR"), "moved")
    await correct_balance(stall.db, OLGA, 4, ANNA, Money(5, "RUB"), "in")
    await correct_balance(stall.db, OLGA, 5, ANNA, Money(-5, "RUB"), "out")
    await give(stall, 900, 6, BEN)
    assert await get_balances(stall.db, ANNA) == [usd(500), Money(1000, "EUR")]


async def test_the_history_turns_its_pages(stall: Stall) -> None:
    """Newest first, each entry on one page, and none of another user's."""
    for number in range(9):
        await give(stall, 100 + number, message_id=number)
    await give(stall, 5, message_id=100, user_id=BEN)
    first = await get_balance_history(stall.db, ANNA, 0)
    assert [entry.amount_minor for entry in first.entries] == list(range(108, 100, -1))
    assert first.has_more
    second = await get_balance_history(stall.db, ANNA, 1)
    assert [entry.amount_minor for entry in second.entries] == [100]
    assert not second.has_more
    assert (await get_balance_history(stall.db, ANNA, 2)).entries == []


async def test_purchases_are_those_with_a_payment_method(stall: Stall) -> None:
    await stall.order()  # a draft
    assert (await get_purchase_history(stall.db, ANNA, 0)).purchases == []
    paid = await stall.buy_and_pay()
    top_up = await stall.pay(await top_ups.place_top_up(stall.db, ANNA, usd(500)))
    await stall.change(top_up, status=PurchaseStatus.CANCELLED)
    await stall.buy_and_pay(BEN)
    page = await get_purchase_history(stall.db, ANNA, 0)
    assert [row.id for row in page.purchases] == [top_up.id, paid.id]
    assert not page.has_more


async def test_the_purchases_turn_their_pages(stall: Stall) -> None:
    made = [
        await stall.pay(await top_ups.place_top_up(stall.db, ANNA, usd(500 + number)))
        for number in range(8)
    ]
    pages = [await get_purchase_history(stall.db, ANNA, number) for number in (0, 1)]
    assert [page.has_more for page in pages] == [True, False]
    shown = [row.id for page in pages for row in page.purchases]
    assert shown == [row.id for row in reversed(made)]


async def test_the_operator_sees_a_user_whole(stall: Stall) -> None:
    await give(stall, 500, 1)
    paid = await stall.pay(await stall.order(), Balance())
    page = await require_user_page(stall.db, ANNA)
    assert (page.user.first_name, page.balances) == ("Anna", [usd(1)])
    assert [row.id for row in page.subscriptions] == [paid.subscription_id]
    assert [row.number for row in page.purchases] == [str(paid.id)[:8].upper()]
