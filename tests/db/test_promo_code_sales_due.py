"""A page of promo codes costs what was done with those on it, by indexes."""

import asyncpg

from app.domain.promo_codes import PromoKind
from app.services.operations.promo_code_admin import NewPromoCode, create_promo_code
from app.services.operations.promo_code_sales import get_promo_code_sales, list_promo_code_sales
from tests.support.plans import read_plans, record
from tests.support.stall import Stall


async def test_uses_and_sales_are_found_by_the_codes(stall: Stall, sql: asyncpg.Connection) -> None:
    for number in range(9):
        new = NewPromoCode(f"CODE{number}", PromoKind.PERCENT, "10")
        made = await create_promo_code(stall.db, new)
    statements = record(stall)
    first = await list_promo_code_sales(stall.db, 0)
    assert [one.code.code for one in first.codes] == [f"CODE{n}" for n in range(8, 0, -1)]
    assert first.has_more
    assert [one.code.code for one in (await list_promo_code_sales(stall.db, 1)).codes] == ["CODE0"]
    assert (await get_promo_code_sales(stall.db, made.code.id)).used == 0
    await sql.execute("SET enable_seqscan = off")  # few rows would be read whole
    indexes, scanned = await read_plans(sql, statements, ("plans",))
    assert scanned == []
    assert indexes >= {"ix_promo_codes_for_all", "ix_promo_uses_promo_code_id_user_id"}
