"""`python main.py promo`: the operator's codes, as they are written at the command line."""

from datetime import UTC, datetime

import pytest

from app.db.models import AuditEntry, Plan, PromoCode, Purchase
from app.services.promotions.promo_code_entry import apply_promo_code
from app.services.purchases.promo_codes import PromoOverError
from tests.support.command_line import command_line
from tests.support.stall import ANNA, Stall


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    """Give what such a command needs: nothing but the database."""
    return {"DATABASE_URL": database_url}


async def promo(environ: dict[str, str], line: str) -> tuple[int, str]:
    said = await command_line(environ, f"promo {line}")
    return said.exit_code, said.out + said.error


async def test_a_code_is_made_with_its_limits_and_listed(
    stall: Stall, environ: dict[str, str]
) -> None:
    """The last day counts whole, by the shop's time zone."""
    line = "add sale percent 20 --uses 100 --per-person 2 --from 2098-12-01 --until 2098-12-31"
    assert (await promo(environ, f"{line} --plan standard"))[0] == 0
    (code,) = await stall.rows(PromoCode)
    (plan,) = await stall.rows(Plan, Plan.code == "standard")
    assert (code.code, code.value, code.max_uses, code.max_uses_per_user, code.plan_id) == (
        "SALE",
        20,
        100,
        2,
        plan.id,
    )
    assert (code.starts_at, code.ends_at) == (
        datetime(2098, 11, 30, 21, tzinfo=UTC),
        datetime(2098, 12, 31, 21, tzinfo=UTC),
    )
    _, listed = await promo(environ, "list")
    assert "SALE: percent 20, used 0 of 100, 2 a person, plan standard" in listed
    assert [entry.action for entry in await stall.rows(AuditEntry)] == ["promo_code_added"]


@pytest.mark.parametrize(
    ("line", "minor", "currency"),
    [
        ("add A amount 2.50", 250, "USD"),
        ("add A balance 3 --currency EUR", 300, "EUR"),
        ("add A days 7", 7, None),
        ("add A trial_days 4", 4, None),
    ],
)
async def test_a_value_is_read_as_its_kind_asks(
    stall: Stall, environ: dict[str, str], line: str, minor: int, currency: str | None
) -> None:
    assert (await promo(environ, line))[0] == 0
    (code,) = await stall.rows(PromoCode)
    assert (code.value, code.currency) == (minor, currency)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("add СКИДКА percent 20", "Latin letters"),
        ("add A percent 101", "from 1 to 100"),
        ("add A percent 0", "from 1 to 100"),
        ("add A percent 2.5", "whole number"),
        ("add A amount 2.505", "more digits"),
        ("add A amount 0", "above zero"),
        ("add A amount -3", "the amount must be above zero"),
        ("add A percent -3", "from 1 to 100"),
        ("add A days -0.5", "from 1 to 3650"),
        ("add A percent 5 --uses -1", "--uses must be from 1 to 1000000000"),
        ("add A percent 5 --per-person -1", "--per-person must be from 1 to 1000000000"),
        ("add -- A amount -3", "above zero"),
        ("add A balance 3 --currency GOLD", "unknown currency"),
        ("add A days 99999", "from 1 to 3650"),
        ("add A gold 1", "'gold' is not one of"),
        ("add A percent 5 --uses 0", "--uses"),
        ("add A percent 5 --per-person 0", "--per-person"),
        ("add A percent 5 --plan gold", "there is no plan gold"),
        ("add A percent 5 --from tomorrow", "--from"),
        ("add A percent 5 --from 2099-12-02 --until 2099-12-01", "before --from"),
        ("add A percent 5 --until 2020-12-01", "over before it starts"),
        ("add 'A B' percent 5", "no space"),
        ("add A B percent 5", "'B' is not one of"),
        ("archive NOTHING", "there is no code"),
        ("explode", "no such command"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_one_sentence(
    stall: Stall, environ: dict[str, str], line: str, reason: str
) -> None:
    exit_code, said = await promo(environ, line)
    assert (exit_code, said.count("\n")) == (1, 1)
    assert reason in said
    assert await stall.rows(PromoCode) == []


async def test_a_code_exists_once_whatever_its_case(stall: Stall, environ: dict[str, str]) -> None:
    await promo(environ, "add sale percent 20")
    assert await promo(environ, "add SALE percent 30") == (1, "the code SALE exists already\n")
    (code,) = await stall.rows(PromoCode)
    assert code.value == 20


async def test_an_archived_code_is_over_and_orders_keep_their_price(
    stall: Stall, environ: dict[str, str]
) -> None:
    await promo(environ, "add sale percent 20")
    order = await apply_promo_code(stall.db, ANNA, (await stall.order()).id, "SALE")
    assert (await promo(environ, "archive sale"))[0] == 0
    with pytest.raises(PromoOverError):
        await apply_promo_code(stall.db, 1002, (await stall.order(1002)).id, "SALE")
    (kept,) = await stall.rows(Purchase, Purchase.id == order.id)
    assert kept.discount_minor == 100
    _, listed = await promo(environ, "list")
    assert "used 1, " in listed
    assert "archived" in listed
