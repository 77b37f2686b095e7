"""Updates whose handler failed, kept for the operator."""

import json
from datetime import timedelta

import pytest

from app.db.models import FailedUpdate
from app.services.failed_updates import save_failed_update
from tests.conftest import Skip
from tests.support.stall import OLGA, Stall


async def test_an_update_is_kept_once_and_the_operator_notified_once_an_hour(
    stall: Stall, skip: Skip
) -> None:
    """P3, P8: a bug that everybody meets must not flood the operator."""
    for update_id in (7, 7, 8):
        await save_failed_update(stall.db, json.dumps({"update_id": update_id}), KeyError("x"))

    kept = await stall.rows(FailedUpdate)
    assert [(row.update_id, row.body) for row in kept] == [
        (7, {"update_id": 7}),
        (8, {"update_id": 8}),
    ]
    assert await stall.notified(OLGA) == ["operator-update-kept"]
    skip(timedelta(hours=1))
    await save_failed_update(stall.db, '{"update_id": 9}', KeyError("x"))
    assert len(await stall.notified(OLGA)) == 2


@pytest.mark.parametrize("text", ["nul \0 inside", "\0", "\ud800 half of a pair", "\\u0000", "💬"])
async def test_an_update_with_any_text_can_be_kept(stall: Stall, text: str) -> None:
    """P8: what broke the handler must not break the keeping as well."""
    update = {"update_id": 7, "message": {"text": [text], text: 1}}
    await save_failed_update(stall.db, json.dumps(update), ValueError(text))

    (kept,) = await stall.rows(FailedUpdate)
    assert "message" in kept.body


async def test_a_long_error_is_cut(stall: Stall) -> None:
    """P12: input is bounded."""
    await save_failed_update(stall.db, '{"update_id": 7}', ValueError("x" * 100_000))

    (kept,) = await stall.rows(FailedUpdate)
    assert len(kept.error) == 2_000
