"""`/correct` asks before it moves money, moves it once, and not when the question is old."""

from datetime import timedelta

from app.services import ledger, shop_settings
from tests.bot.conftest import BEN, BotUnderTest
from tests.bot.phone import Phone, labels
from tests.conftest import Skip


async def _balance(shop: BotUnderTest) -> int:
    async with shop.deps.db.unit_of_work() as session:
        return (await ledger.get_balance(session, BEN, "USD")).minor


def _yes(olga: Phone) -> tuple[str, int]:
    """What the button sends, also when it is shown no more."""
    (button, *_), *_ = olga.screen.buttons
    return button.data or "", olga.chat[-1].message_id


async def test_many_taps_on_yes_move_the_money_once(shop: BotUnderTest) -> None:
    """P2: an impatient finger, and a button that Telegram still shows."""
    await shop.ben.send("/start")
    olga = shop.olga
    await olga.send(f"/correct {BEN} +5 for the outage")
    assert await _balance(shop) == 0
    yes = _yes(olga)
    for _ in range(3):
        await olga.press(*yes)
    assert await _balance(shop) == 500
    assert "Теперь на нём 5,00" in olga.text


async def test_no_is_no_also_for_a_late_yes(shop: BotUnderTest) -> None:
    await shop.ben.send("/start")
    olga = shop.olga
    await olga.send(f"/correct {BEN} +5 for the outage")
    yes = _yes(olga)
    await olga.tap("nocorrect:")
    assert "баланс остаётся как есть" in olga.text
    answer = await olga.press(*yes)
    assert answer is not None
    assert "Этот вопрос устарел" in (answer.text or "")
    assert await _balance(shop) == 0


async def test_a_question_is_good_for_a_quarter_of_an_hour(shop: BotUnderTest, skip: Skip) -> None:
    await shop.ben.send("/start")
    olga = shop.olga
    await olga.send(f"/correct {BEN} +5 for the outage")
    skip(timedelta(minutes=15))
    answer = await olga.tap("correct:")
    assert answer is not None
    assert answer.show_alert
    assert await _balance(shop) == 0


async def test_only_the_newest_question_is_answered(shop: BotUnderTest) -> None:
    await shop.ben.send("/start")
    olga = shop.olga
    await olga.send(f"/correct {BEN} +5 mistyped")
    old = _yes(olga)
    await olga.send(f"/correct {BEN} +7 as it should be")
    await olga.press(*old)
    assert await _balance(shop) == 0
    await olga.tap("correct:")
    assert await _balance(shop) == 700


async def test_above_the_ceiling_the_operator_reads_how_to_raise_it(shop: BotUnderTest) -> None:
    await shop.ben.send("/start")
    olga = shop.olga
    await olga.send(f"/correct {BEN} +500.01 too much")
    assert "settings correction_most_minor" in olga.text
    assert not any("✅" in label for label in labels(olga.screen))
    await olga.send(f"/correct {BEN} +500.00 just right")
    await shop_settings.change_shop_setting(shop.deps.db, "correction_most_minor", "10")
    answer = await olga.tap("correct:")  # the ceiling of now counts
    assert answer is not None
    assert "correction_most_minor" in (answer.text or "")
    assert await _balance(shop) == 0


async def test_nobody_else_answers_the_question(shop: BotUnderTest) -> None:
    """P12: not by a button made up by a changed client either."""
    ben, olga = shop.ben, shop.olga
    await ben.send("/start")
    await olga.send(f"/correct {BEN} +5 for the outage")
    await ben.press(*_yes(olga))
    assert await _balance(shop) == 0
