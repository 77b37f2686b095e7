"""Settings edited in the chat: shown as users will see them, then set, once, on record."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.db.models import AuditEntry
from app.domain.operator_roles import OperatorRole
from app.domain.setting_kinds import SECTIONS
from app.domain.shop_settings import ShopSettings
from app.services.shop_settings import change_shop_setting
from tests.bot.conftest import BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, labels
from tests.support.staff import appoint


async def read(bot: BotUnderTest) -> ShopSettings:
    bot.deps.shop.forget()
    return await bot.deps.shop.settings()


async def change(phone: Phone, name: str, typed: str) -> None:
    await phone.press(f"setting:0:{name}")
    await phone.send(typed)
    await phone.tap("setdo")


async def test_a_value_is_previewed_set_and_written_down(closed_shop: BotUnderTest) -> None:
    """In effect with the next update, though the settings were read a moment ago."""
    olga, ben = closed_shop.phone(OLGA, "Olga", "en"), closed_shop.ben
    await ben.send("/friends")
    assert "10%" in ben.text
    await olga.send("/admin")
    await olga.tap("edit")
    await olga.tap("settings:0:referral")
    assert "Percent for a friend: 10" in olga.text
    await olga.tap("setting:0:referral_percent")
    await olga.send("many")
    assert "couldn’t read that" in olga.text
    await olga.send("51")
    assert "at most 50" in olga.text
    await olga.send("10")
    assert "that already" in olga.text
    await olga.send("25")
    assert "10 → 25" in olga.text
    assert "25%" in olga.text
    assert "25 %" in olga.text.replace("\N{NO-BREAK SPACE}", " ")  # as Russian readers see it
    assert "Nothing has changed yet" in olga.text
    assert (await read(closed_shop)).referral_percent == 10
    await olga.tap("setdo")
    assert "Now: 25" in olga.text
    await ben.send("/friends")
    assert "25%" in ben.text
    await olga.tap("setreset")
    assert "25 → 10" in olga.text
    await olga.tap("setdo")
    async with closed_shop.deps.db.read_only() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [(e.actor, e.action, e.subject, e.details) for e in entries] == [
        (
            f"user:{OLGA}",
            "setting_changed",
            "setting:referral_percent",
            {"old": "10", "value": "25"},
        ),
        (
            f"user:{OLGA}",
            "setting_changed",
            "setting:referral_percent",
            {"old": "25", "value": None},
        ),
    ]


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("top_up_least_minor", "2,50", 250),
        ("top_up_amounts_minor", "5 10, 2.50", (500, 1000, 250)),
        ("reminder_hours", "48, 2", (48, 2)),
        ("support_contact", "@tollgate_help", "@tollgate_help"),
        ("least_confirmations", "eth 20, bsc: 15", {"eth": 20, "bsc": 15}),
        ("digest_hour", "9", 9),
        ("time_zone", "Asia/Almaty", "Asia/Almaty"),
        ("bridge_fee", "0.5 <CELL>", "0.5 <CELL>"),
    ],
)
async def test_each_kind_is_typed_in_its_own_way(
    closed_shop: BotUnderTest, name: str, typed: str, value: object
) -> None:
    await change(closed_shop.olga, name, typed)
    assert getattr(await read(closed_shop), name) == value


async def test_switches_choices_and_methods_are_tapped(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.phone(OLGA, "Olga", "en")
    for name, button in (
        ("trial_enabled", "setto:trial_enabled:false"),
        ("bridge_state", "setto:bridge_state:paused"),
        ("ways_off", "setto:ways_off:stars"),
        ("reminder_hours", "setnone"),
    ):
        await olga.press(f"setting:0:{name}")
        await olga.tap(button)
        await olga.tap("setdo")
    settings = await read(closed_shop)
    assert not settings.trial_enabled
    assert (settings.bridge_state, settings.ways_off) == ("paused", ("stars",))
    assert settings.reminder_hours == ()
    await olga.press("setting:0:ways_off")
    assert "✅ Crypto Pay · ❌ Stars · ✅ balance" in olga.text
    await olga.tap("setto:ways_off:stars")
    await olga.tap("setdo")
    assert (await read(closed_shop)).ways_off == ()


async def test_the_later_of_two_operators_is_shown_what_changed(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.press("setting:0:trial_days")
    await olga.send("7")
    await change_shop_setting(closed_shop.deps.db, "trial_days", "5")
    await olga.tap("setdo")
    assert "Somebody else has changed this" in olga.text
    assert "5 → 7" in olga.text
    assert (await read(closed_shop)).trial_days == 5
    await olga.tap("setdo")
    assert (await read(closed_shop)).trial_days == 7


async def test_the_same_tap_twice_and_an_older_preview_change_nothing(
    closed_shop: BotUnderTest,
) -> None:
    olga = closed_shop.phone(OLGA, "Olga", "en")
    await olga.press("setting:0:trial_days")
    await olga.send("7")
    first = next(b.data for row in olga.screen.buttons for b in row if b.data) or ""
    await olga.press("setting:0:trial_days")
    await olga.send("9")
    stale = await olga.press(first)
    assert stale is not None
    assert "out of date" in (stale.text or "")
    assert (await read(closed_shop)).trial_days == 3
    fresh = next(b.data for row in olga.screen.buttons for b in row if b.data) or ""
    await olga.press(fresh)
    again = await olga.press(fresh)
    assert again is not None
    assert "out of date" in (again.text or "")
    assert (await read(closed_shop)).trial_days == 9
    async with closed_shop.deps.db.read_only() as session:
        assert len((await session.scalars(select(AuditEntry))).all()) == 1


async def test_a_cancelled_change_is_none(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    await olga.press("setting:0:trial_days")
    await olga.send("/cancel")
    await olga.send("7")
    assert not any("setdo" in (b.data or "") for row in olga.screen.buttons for b in row)
    await olga.press("setting:0:trial_days")
    await olga.send("7")
    await olga.tap("setting:")
    assert (await read(closed_shop)).trial_days == 3


@pytest.mark.parametrize("role", [OperatorRole.SUPPORT, OperatorRole.MANAGER, None])
async def test_it_is_for_owners_and_managers(
    closed_shop: BotUnderTest, role: OperatorRole | None
) -> None:
    if role:
        await appoint(closed_shop.deps.db, BEN, role)
    answer = await closed_shop.ben.press("edit:0")
    assert answer is not None
    assert ("outdated" in (answer.text or "")) is (role is not OperatorRole.MANAGER)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_can_be_shown(closed_shop: BotUnderTest, language: str) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    await olga.press("edit:0")
    data = [button.data or "" for row in olga.screen.buttons for button in row]
    assert len([one for one in data if one.startswith("settings:")]) == len(SECTIONS)
    for section, names in SECTIONS.items():
        await olga.press(f"settings:0:{section}")
        for name in names:
            await olga.press(f"setting:0:{name}")
            assert labels(olga.screen)[-1].startswith("«")
