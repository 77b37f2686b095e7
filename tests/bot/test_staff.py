"""Owners appoint and dismiss operators in the chat."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.bot.operator_callbacks import AppointMember, DismissMember, RolePage, StaffPage
from app.bot.renderer import ScreenRenderer
from app.db.models import AuditEntry, OutboxMessage, StaffMember
from app.domain.operator_roles import OperatorRole
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, check, labels, visible
from tests.support.staff import appoint

FROM_ANNA = {
    "type": "user",
    "date": 1,
    "sender_user": {"id": ANNA, "is_bot": False, "first_name": "Anna"},
}
HIDDEN = {"type": "hidden_user", "date": 1, "sender_user_name": "Anna"}


async def roles(bot: BotUnderTest) -> dict[int, str]:
    async with bot.deps.db.read_only() as session:
        return {row.user_id: row.role.value for row in await session.scalars(select(StaffMember))}


async def records(bot: BotUnderTest) -> list[tuple[str, str, str, str]]:
    async with bot.deps.db.read_only() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.actor, row.action, row.subject, row.details["role"]) for row in rows]


async def notified(bot: BotUnderTest, user_id: int, language: str) -> list[str]:
    renderer = ScreenRenderer()
    async with bot.deps.db.read_only() as session:
        rows = await session.scalars(
            select(OutboxMessage).where(OutboxMessage.chat_id == user_id).order_by(OutboxMessage.id)
        )
        screens = [check(renderer.render(row.template, row.values, language)) for row in rows]
    return [visible(screen).partition(".")[0] for screen in screens]


async def find_anna(bot: BotUnderTest, language: str = "en") -> Phone:
    await bot.anna.send("/start")
    owner = bot.phone(OLGA, "Olga", language)
    await owner.send("/staff")
    await owner.tap("appointment")
    await owner.send("@anna")
    return owner


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_owner_appoints_gives_another_role_and_dismisses(
    closed_shop: BotUnderTest, language: str
) -> None:
    owner = await find_anna(closed_shop, language)
    assert {"en": "not on the team", "ru": "не в команде"}[language] in owner.text
    await owner.tap("role:1001:support")
    assert await roles(closed_shop) == {}
    answer = await owner.tap("appoint:")
    assert answer is not None
    assert answer.text == {"en": "Done ✓", "ru": "Готово ✓"}[language]
    assert await roles(closed_shop) == {ANNA: "support"}
    assert {"en": "Anna (@anna) · support, since", "ru": "Anna (@anna) · поддержка, с"}[
        language
    ] in owner.text

    await owner.tap("member:1001")
    await owner.tap("role:1001:manager")
    await owner.tap("appoint:")
    assert await roles(closed_shop) == {ANNA: "manager"}

    await owner.tap("member:1001")
    await owner.tap("dismissal")
    assert await roles(closed_shop) == {ANNA: "manager"}
    await owner.tap("dismiss:")
    assert await roles(closed_shop) == {}
    assert await records(closed_shop) == [
        ("user:1003", "operator_appointed", "user:1001", "support"),
        ("user:1003", "operator_appointed", "user:1001", "manager"),
        ("user:1003", "operator_dismissed", "user:1001", "manager"),
    ]
    assert await notified(closed_shop, ANNA, "en") == [
        "🛠 You are support of this shop now",
        "🛠 You are a manager of this shop now",
        "🛠 You are no longer on this shop’s team",
    ]


async def test_a_forwarded_message_or_an_id_names_the_user_as_well(
    closed_shop: BotUnderTest,
) -> None:
    owner = await find_anna(closed_shop)
    for named in ({"text": "hi", "forward_origin": FROM_ANNA}, {"text": "1001"}):
        await owner.send("/staff")
        await owner.tap("appointment")
        await owner.send(**named)
        assert "Make them support" in labels(owner.screen)


async def test_who_is_not_found_can_be_named_again(closed_shop: BotUnderTest) -> None:
    owner = await find_anna(closed_shop)
    await owner.tap("staff")
    await owner.tap("appointment")
    await owner.send("@stranger")
    assert "don’t know them yet" in owner.text
    await owner.send("hi", forward_origin=HIDDEN)
    assert "hide who wrote" in owner.text
    await owner.send(photo=[{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}])
    assert "don’t know them yet" in owner.text
    await owner.send("@anna")
    assert "Make them a manager" in labels(owner.screen)


async def test_an_owners_role_is_not_changed_here(closed_shop: BotUnderTest) -> None:
    owner = await find_anna(closed_shop)
    await owner.tap("staff")
    await owner.tap("appointment")
    await owner.send(str(OLGA))
    assert "ADMIN_IDS" in owner.text
    for data in (
        AppointMember(user_id=OLGA, role=OperatorRole.SUPPORT),
        AppointMember(user_id=ANNA, role=OperatorRole.OWNER),
    ):
        answer = await owner.press(data.pack())
        assert answer is not None
        assert "ADMIN_IDS" in (answer.text or "")
    assert await roles(closed_shop) == {}


async def test_what_is_tapped_twice_happens_once(closed_shop: BotUnderTest) -> None:
    owner = await find_anna(closed_shop)
    data = AppointMember(user_id=ANNA, role=OperatorRole.MANAGER).pack()
    for tapped in (data, data, *[DismissMember(user_id=ANNA).pack()] * 2):
        await owner.press(tapped)
    assert [action for _, action, _, _ in await records(closed_shop)] == [
        "operator_appointed",
        "operator_dismissed",
    ]


async def test_no_one_but_an_owner_appoints(closed_shop: BotUnderTest) -> None:
    """P12: also not a manager, by the data of an owner's buttons."""
    await find_anna(closed_shop)
    await appoint(closed_shop.deps.db, BEN, OperatorRole.MANAGER)
    ben = closed_shop.ben
    for data in (
        StaffPage(),
        RolePage(user_id=ANNA, role=OperatorRole.MANAGER),
        AppointMember(user_id=BEN, role=OperatorRole.SUPPORT),
        AppointMember(user_id=ANNA, role=OperatorRole.MANAGER),
        DismissMember(user_id=BEN),
    ):
        answer = await ben.press(data.pack())
        assert answer is not None
        assert "outdated" in (answer.text or "")
    assert await roles(closed_shop) == {BEN: "manager"}


async def test_a_user_who_never_wrote_is_not_appointed(closed_shop: BotUnderTest) -> None:
    owner = await find_anna(closed_shop)
    answer = await owner.press(AppointMember(user_id=77, role=OperatorRole.SUPPORT).pack())
    assert answer is not None
    assert "never wrote" in (answer.text or "")
