"""`/audit`: who did what, of all or of one user, for those who may see it."""

import pytest

from app.bot.i18n import LANGUAGES
from app.bot.operator_callbacks import AuditLogSearchPage, OpenAuditLog
from app.core.money import Money
from app.domain.operator_roles import OperatorRole
from app.services.audit import record_audit_entry
from app.services.operations.corrections import correct_balance
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, labels
from tests.support.staff import appoint

SAM = 1007


def operator(bot: BotUnderTest, language: str = "en") -> Phone:
    return bot.phone(OLGA, "Olga", language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_shows_what_was_done_with_its_reason(
    closed_shop: BotUnderTest, language: str
) -> None:
    await closed_shop.ben.send("/start")
    await correct_balance(closed_shop.deps.db, OLGA, 1, BEN, Money(500, "USD"), "for <you>")
    olga = operator(closed_shop, language)
    await olga.send("/audit")
    assert "· balance_corrected\nuser:1003 → user:1002\n" in olga.text
    assert "reason: for <you>" in olga.text
    await olga.send("/admin")
    await olga.tap("audit")
    assert "audit_viewed\nuser:1003 → audit" in olga.text


async def test_of_a_user_what_they_did_and_what_was_done_to_them(
    closed_shop: BotUnderTest,
) -> None:
    for phone in (closed_shop.anna, closed_shop.ben):
        await phone.send("/start")
    async with closed_shop.deps.db.unit_of_work() as session:
        record_audit_entry(session, f"user:{BEN}", "gift_returned", "gift:1")
        record_audit_entry(session, "payments", "refunded", f"user:{BEN}", reason="x" * 5000)
        record_audit_entry(session, f"user:{ANNA}", "of_anna", "gift:2")
    olga = operator(closed_shop)
    await olga.send("/audit")
    await olga.tap("auditof")
    await olga.send("@ghost")
    assert "found nobody for @ghost" in olga.text
    await olga.send(str(BEN))
    assert "gift_returned" in olga.text
    assert "refunded" in olga.text
    assert "of_anna" not in olga.text
    await olga.send(f"/person {BEN}")
    await olga.tap(f"audit:0:{BEN}")
    assert "gift_returned" in olga.text
    await olga.tap("usercard")
    assert "with us since" in olga.text


async def test_entries_of_an_id_that_is_gone_are_found(closed_shop: BotUnderTest) -> None:
    async with closed_shop.deps.db.unit_of_work() as session:
        record_audit_entry(session, "user:77", "person_erased", "user:77")
    olga = operator(closed_shop)
    await olga.press(AuditLogSearchPage().pack())
    await olga.send("77")
    assert "person_erased\nuser:77 → user:77" in olga.text


async def test_older_ones_follow_page_by_page(closed_shop: BotUnderTest) -> None:
    async with closed_shop.deps.db.unit_of_work() as session:
        for number in range(20):
            record_audit_entry(session, f"user:{BEN}", f"did_{number}", f"user:{BEN}")
    olga = operator(closed_shop)
    for page in (OpenAuditLog(), OpenAuditLog(user_id=BEN)):
        await olga.press(page.pack())
        seen = []
        for _ in range(3):
            seen += [line for line in olga.text.split("\n") if "did_" in line]
            if not any("Older" in label or "Earlier" in label for label in labels(olga.screen)):
                break
            await olga.tap("audit:")
        numbers = [int(line.rpartition("_")[2]) for line in seen]
        assert numbers == list(range(19, -1, -1))


async def test_support_and_strangers_have_none(closed_shop: BotUnderTest) -> None:
    """P12."""
    await appoint(closed_shop.deps.db, SAM, OperatorRole.SUPPORT)
    sam = closed_shop.phone(SAM, "Sam", "en")
    for phone in (sam, closed_shop.ben):
        await phone.send("/nonsense")
        nonsense = phone.text
        await phone.send("/audit")
        assert phone.text == nonsense
        for page in (OpenAuditLog(), OpenAuditLog(user_id=BEN), AuditLogSearchPage()):
            answer = await phone.press(page.pack())
            assert answer is not None
            assert "outdated" in (answer.text or "")
    await sam.send("/admin")
    assert "🧾 Audit" not in labels(sam.screen)
