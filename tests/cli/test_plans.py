"""`python main.py plans`: what is sold, changed while the shop runs."""

import io

import pytest

from app.db.models import AuditEntry, Plan, Term
from app.services.purchases.plans import PlanGoneError, list_plan_offers
from tests.support.command_line import command_line
from tests.support.stall import Stall

GIBIBYTE = 1024**3


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    """Give what such a command needs: nothing but the database."""
    return {"DATABASE_URL": database_url}


async def plans(environ: dict[str, str], line: str) -> tuple[int, str]:
    said = await command_line(environ, f"plans {line}")
    return said.exit_code, said.out + said.error


async def test_all_plans_are_listed_with_their_terms(environ: dict[str, str]) -> None:
    exit_code, said = await plans(environ, "list")
    assert exit_code == 0
    assert "standard: " in said
    assert "  1 month: " in said
    assert "  3 months: 12.99 USD, " in said


async def test_a_price_holds_for_new_orders_and_not_for_those_there_are(
    stall: Stall, environ: dict[str, str]
) -> None:
    """P1: an order keeps the price it was shown with."""
    before = await stall.order(plan="quarter")
    assert (await plans(environ, "price standard 3 9.99"))[0] == 0
    after = await stall.order(plan="quarter")
    assert (await stall.again(before)).price_minor == 1299
    assert (after.id != before.id, after.price_minor) == (True, 999)


async def test_limits_change_one_or_both(stall: Stall, environ: dict[str, str]) -> None:
    devices = (await stall.term("quarter")).device_limit
    await plans(environ, "limits standard 3 --traffic-gb 300")
    term = await stall.term("quarter")
    assert (term.traffic_limit_bytes, term.device_limit) == (300 * GIBIBYTE, devices)
    await plans(environ, "limits standard 3 --traffic-gb 0 --devices 9")
    term = await stall.term("quarter")
    assert (term.traffic_limit_bytes, term.device_limit) == (0, 9)


async def test_a_term_or_a_plan_goes_off_sale_and_back(
    stall: Stall, environ: dict[str, str]
) -> None:
    async def on_sale() -> dict[str, list[int]]:
        return {
            offer.plan.code: [term.months for term in offer.terms]
            for offer in await list_plan_offers(stall.db)
        }

    everything = await on_sale()
    await plans(environ, "archive standard 3")
    assert (await on_sale())["standard"] == [1, 6, 12]
    with pytest.raises(PlanGoneError):
        await stall.order(plan="quarter")
    await plans(environ, "archive standard")
    assert "standard" not in await on_sale()
    await plans(environ, "unarchive standard")
    await plans(environ, "unarchive standard 3")
    assert await on_sale() == everything


async def test_a_new_plan_is_on_sale_with_its_first_term(
    stall: Stall, environ: dict[str, str]
) -> None:
    assert (await plans(environ, "add family --title-ru 'Для семьи' --title-en Family"))[0] == 0
    assert "family" not in [offer.plan.code for offer in await list_plan_offers(stall.db)]
    line = "term family 1 14.90 --days 30 --traffic-gb 500 --devices 10"
    assert (await plans(environ, line))[0] == 0
    order = await stall.order(plan="family-1")
    assert (order.titles["ru"], str(order.price), order.days) == ("Для семьи", "14.90 USD", 30)
    assert [entry.action for entry in await stall.rows(AuditEntry)] == ["plan_added", "term_added"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("price gold 1 5", "there is no plan gold"),
        ("price standard 2 5", "no 2-month term"),
        ("price standard x 5", "'months'"),
        ("price standard 1", "missing argument 'price'"),
        ("price standard 1 cheap", "malformed amount"),
        ("price standard 1 4.999", "more digits"),
        ("price standard 0 5", "months must be"),
        ("price standard -1 5", "months must be from 1 to 60"),
        ("price standard 1 -1", "must not be below zero"),
        ("price standard 1 -NaN", "malformed amount"),
        ("price standard 1 99999999999999999999", "malformed amount"),
        ("price standard 1 -5 --yse", "unexpected extra argument(s) (--yse)"),
        ("price standard 1 5 --yse", "no such option: --yse"),
        ("archive standard -1", "months must be from 1 to 60"),
        ("unarchive standard -1", "months must be from 1 to 60"),
        ("limits standard -1 --devices 1", "months must be from 1 to 60"),
        ("limits standard 1 --devices inf", "valid integer"),
        ("term standard -2 5 --days 9 --traffic-gb 1 --devices 1", "months must be from 1 to 60"),
        ("term standard 2 -5 --days 9 --traffic-gb 1 --devices 1", "must not be below zero"),
        ("term standard 2 5 --days -9 --traffic-gb 1 --devices 1", "days must be from 1 to 3660"),
        ("limits standard 1", "say --traffic-gb"),
        ("limits standard 1 --devices -1", "devices must be"),
        ("limits standard 1 --traffic-gb 99999999999999999999", "traffic must be"),
        ("add Standard! --title-ru a --title-en b", "small Latin letters"),
        ("add standard --title-ru a --title-en b", "exists already"),
        ("add gold --title-ru a", "--title-en"),
        ("add gold --title-ru '' --title-en b", "title"),
        ("term standard 1 5 --days 30 --traffic-gb 1 --devices 1", "already"),
        ("term standard 2 5 --days 0 --traffic-gb 1 --devices 1", "days must be"),
        ("archive standard 2", "no 2-month term"),
        ("", "missing command"),
        ("explode", "no such command 'explode'"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_one_sentence(
    stall: Stall, environ: dict[str, str], line: str, reason: str
) -> None:
    plans_before = len(await stall.rows(Plan))
    exit_code, said = await plans(environ, line)
    assert (exit_code, said.count("\n")) == (1, 1)
    assert reason in said
    assert len(await stall.rows(Plan)) == plans_before
    assert await stall.rows(AuditEntry) == []
    assert len(await stall.rows(Term)) == 8


@pytest.mark.parametrize("price", ["0", "-0", "+0.00", "-0.0"])
async def test_a_price_that_gives_it_away_is_asked_about(
    stall: Stall, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, price: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    exit_code, said = await plans(environ, f"price standard 3 {price}")
    assert (exit_code, said) == (1, "nothing was changed\n")
    assert (await stall.term("quarter")).price_minor == 1299
