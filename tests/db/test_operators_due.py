"""What operators get at their hour, and the lists that they open, are read by indexes."""

from datetime import timedelta

import asyncpg

from app.domain.operator_roles import OperatorRole
from app.services.operations.daily_digest import DailyDigest
from app.services.operations.quick_answers import add_quick_answer, list_quick_answers
from app.services.operations.shop_home import ShopStatus
from app.services.operations.staff_admin import list_staff
from app.services.shop_settings import ShopSettingsCache, change_shop_setting
from tests.conftest import Skip
from tests.db.test_models_due import SMALL, fill
from tests.support.plans import read_plans, record
from tests.support.staff import appoint
from tests.support.stall import BEN, OLGA, OPERATORS, Stall


async def test_yesterday_is_counted_by_its_indexes(
    stall: Stall, sql: asyncpg.Connection, skip: Skip
) -> None:
    await change_shop_setting(stall.db, "digest_hour", "0")
    digest = DailyDigest(stall.db, ShopSettingsCache(stall.db), ShopStatus())
    await fill(sql, 20_000)
    skip(timedelta(days=3))  # what it counts is of a day on which nothing was
    statements = record(stall)
    assert await digest.run_round() == {"sent": 1}
    # The settings are some dozen rows of several tables, kept in the process.
    asked = [one for one in statements if "shop_settings" not in one[0]]
    indexes, scanned = await read_plans(sql, asked, SMALL)
    assert scanned == []
    assert indexes >= {"ix_users_created_at_id", "ix_purchases_paid_at_id"}


async def test_lists_of_some_dozen_rows_read_nothing_else(
    stall: Stall, sql: asyncpg.Connection
) -> None:
    await appoint(stall.db, BEN, OperatorRole.SUPPORT)
    await add_quick_answer(stall.db, OLGA, "Refund", "It is on its way.")
    await fill(sql, 20_000)
    statements = record(stall)
    assert BEN in [one.user_id for one in await list_staff(stall.db, OPERATORS)]
    assert [one.name for one in await list_quick_answers(stall.db)] == ["Refund"]
    _, scanned = await read_plans(sql, statements, SMALL | {"quick_answers"})
    assert scanned == []
    assert len(statements) == 3
