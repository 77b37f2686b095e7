"""What operators may do by their role: it holds from the next message on, in both directions."""

import json
from uuid import uuid4

import pytest

from app.bot.callbacks import (
    CancelCorrection,
    CancelRefund,
    ConfirmCorrection,
    ConfirmRefund,
    ExportPage,
    ExportsPage,
    RetryActivation,
    RpcPage,
    StartExport,
)
from app.domain.exports import ExportKind
from app.domain.operator_roles import OperatorRole
from app.services.privacy.export import export_user_data
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import Phone
from tests.support.staff import appoint, dismiss

SAM = 1007
KIND = ExportKind.USERS
MONEY = {"correct", "refund", "export"}
TAPS = {
    "retry": RetryActivation(subscription_id=9).pack(),
    "rpc": RpcPage().pack(),
    "confirm a correction": ConfirmCorrection(message_id=9).pack(),
    "cancel a correction": CancelCorrection(message_id=9).pack(),
    "confirm a refund": ConfirmRefund(purchase_id=uuid4()).pack(),
    "cancel a refund": CancelRefund(purchase_id=uuid4()).pack(),
    "tables": ExportsPage().pack(),
    "a table": ExportPage(kind=KIND).pack(),
    "make a table": StartExport(kind=KIND, with_bom=False).pack(),
}
FOR_SUPPORT = {"retry", "rpc"}


async def is_unknown(sam: Phone, command: str) -> bool:
    await sam.send("/nonsense")
    nonsense = sam.text
    await sam.send(f"/{command}")
    return sam.text == nonsense


@pytest.mark.parametrize("command", ["person", "rpc", "correct", "refund", "export"])
@pytest.mark.parametrize("role", [OperatorRole.MANAGER, OperatorRole.SUPPORT, None])
async def test_commands_are_there_for_roles_that_may(
    closed_shop: BotUnderTest, command: str, role: OperatorRole | None
) -> None:
    sam = closed_shop.phone(SAM, "Sam", "en")
    if role:
        await appoint(closed_shop.deps.db, SAM, role)
    may = role is OperatorRole.MANAGER or (role is OperatorRole.SUPPORT and command not in MONEY)
    assert await is_unknown(sam, command) is not may


@pytest.mark.parametrize("tap", TAPS)
@pytest.mark.parametrize("role", [OperatorRole.MANAGER, OperatorRole.SUPPORT])
async def test_buttons_are_there_for_roles_that_may(
    closed_shop: BotUnderTest, tap: str, role: OperatorRole
) -> None:
    """P12: the data of buttons comes from outside."""
    await appoint(closed_shop.deps.db, SAM, role)
    answer = await closed_shop.phone(SAM, "Sam", "en").press(TAPS[tap])
    may = role is OperatorRole.MANAGER or tap in FOR_SUPPORT
    assert answer is not None
    assert ("outdated" in (answer.text or "")) is not may


async def test_another_role_holds_from_the_next_message_on(closed_shop: BotUnderTest) -> None:
    db, sam = closed_shop.deps.db, closed_shop.phone(SAM, "Sam", "en")
    assert await is_unknown(sam, "refund")
    await appoint(db, SAM, OperatorRole.SUPPORT)
    assert await is_unknown(sam, "refund")
    await appoint(db, SAM, OperatorRole.MANAGER)
    assert not await is_unknown(sam, "refund")
    await dismiss(db, SAM)
    assert await is_unknown(sam, "refund")


async def test_a_role_outlives_another_name(closed_shop: BotUnderTest) -> None:
    """The user's row is written anew with that message."""
    await appoint(closed_shop.deps.db, SAM, OperatorRole.MANAGER)
    await closed_shop.phone(SAM, "Samuel", "en").send("/refund")
    assert "/refund" in closed_shop.phone(SAM, "Samuel", "en").text


@pytest.mark.parametrize(
    ("role", "title", "hidden"),
    [
        (OperatorRole.MANAGER, "For you, as a manager", set()),
        (OperatorRole.SUPPORT, "For you, as support", MONEY),
    ],
)
async def test_help_says_what_the_role_may(
    closed_shop: BotUnderTest, role: OperatorRole, title: str, hidden: set[str]
) -> None:
    await appoint(closed_shop.deps.db, SAM, role)
    sam = closed_shop.phone(SAM, "Sam", "en")
    await sam.send("/help")
    assert title in sam.text
    assert {name for name in MONEY if f"/{name}" not in sam.text} == hidden


async def test_support_answers_a_question(closed_shop: BotUnderTest) -> None:
    await appoint(closed_shop.deps.db, SAM, OperatorRole.SUPPORT)
    sam = closed_shop.phone(SAM, "Sam", "en")
    await sam.reply("Like this.", to=5)
    assert "isn’t a question" in sam.text


async def test_an_operators_copy_of_their_data_has_the_role_and_erasing_ends_it(
    closed_shop: BotUnderTest,
) -> None:
    await appoint(closed_shop.deps.db, SAM, OperatorRole.MANAGER)
    sam = closed_shop.phone(SAM, "Sam", "en")
    data = json.loads(await export_user_data(closed_shop.deps.db, SAM))
    assert [row["role"] for row in data["work here"]] == ["manager"]
    await sam.send("/privacy")
    await sam.tap("erase")
    await sam.tap("erased")
    assert await is_unknown(sam, "refund")
