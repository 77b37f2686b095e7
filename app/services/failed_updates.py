"""Updates whose handler failed: kept for the operators, who are notified."""

import json
from datetime import timedelta
from typing import Final

from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.external_values import to_storable_text
from app.core.scrubber import scrub_text
from app.db.models import FailedUpdate
from app.db.unit_of_work import Database
from app.services.notifications.attention import request_attention
from app.services.notifications.pauses import pick_paused_keys

# A bug that everybody meets must not flood the operators.
_PAUSE: Final = timedelta(hours=1)


async def save_failed_update(db: Database, update_json: str, error: BaseException) -> None:
    update = json.loads(update_json)
    description = f"{type(error).__name__}: {scrub_text(str(error))}"
    async with db.unit_of_work() as session:
        await session.execute(
            insert(FailedUpdate)
            .values(
                update_id=update["update_id"],
                body=_storable(update),
                error=_storable(description[:2000]),
                created_at=clock.now(),
            )
            .on_conflict_do_nothing()
        )
        for key in (await pick_paused_keys(session, ["kept"], _PAUSE)).values():
            await request_attention(
                session, key, "operator-update-kept", update=update["update_id"]
            )


def _storable(value: object) -> object:
    """It may hold what broke the handler."""
    if isinstance(value, str):
        return to_storable_text(value)
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list) else value
