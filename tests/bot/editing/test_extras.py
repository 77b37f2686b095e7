"""More traffic and devices: made, priced and put off sale in the chat."""

import pytest
from sqlalchemy import select

from app.bot.i18n import LANGUAGES
from app.db.models import AuditEntry, Extra
from app.domain.extras import ExtraKind
from app.services.operations.extra_admin import ExtraName, set_extra_price
from tests.bot.conftest import OLGA, BotUnderTest


async def test_one_is_made_priced_and_taken_off_sale(closed_shop: BotUnderTest) -> None:
    db, olga = closed_shop.deps.db, closed_shop.phone(OLGA, "Olga", "en")
    await olga.press("eplans:0")
    await olga.tap("eextras")
    await olga.tap("eextranew:traffic")
    await olga.send("50")
    assert "doesn’t fit" in olga.text
    await olga.send("50 1.99 standard")
    assert "For: standard" in olga.text
    assert "[50 GB · $1.99]" in olga.text
    await olga.tap("eextrado")
    await olga.tap("eextra:traffic:50:standard")
    await olga.send("0")
    assert "doesn’t fit" in olga.text
    await olga.send("2,49")
    await set_extra_price(db, ExtraName(ExtraKind.TRAFFIC, 50, "standard"), "3")
    await olga.tap("eextrado")
    assert "Somebody else" in olga.text
    await olga.tap("eextrado")
    await olga.tap("eextra:traffic:50:standard")
    await olga.tap("eextrasale")
    assert "Nothing: it is not on sale." in olga.text
    await olga.tap("eextrado")
    async with db.read_only() as session:
        (extra,) = (await session.scalars(select(Extra))).all()
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert (str(extra.price), extra.archived_at is not None) == ("2.49 USD", True)
    assert [(e.actor, e.action) for e in entries] == [
        (f"user:{OLGA}", "extra_added"),
        ("operator", "extra_price_set"),
        (f"user:{OLGA}", "extra_price_set"),
        (f"user:{OLGA}", "extra_archived"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_devices_are_for_the_whole_shop_and_twice_is_refused(
    closed_shop: BotUnderTest, language: str
) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    for _ in range(2):
        await olga.press("eextranew:devices")
        await olga.send("1 0.99")
        await olga.tap("eextrado")
    assert {"ru": "уже есть в списке", "en": "on the list already"}[language] in olga.text
    old = await olga.press("eextrado:nothing")
    assert old is not None
    assert old.show_alert
    await olga.press("eextra:devices:7:")
    assert {"ru": "в списке больше нет", "en": "not on the list"}[language] in olga.text
