"""An answer for whoever wrote while Telegram let us say nothing: through the outbox (P8, P10)."""

from app.core import clock
from app.db.unit_of_work import Database
from app.services.letters.notices import Notice, tell


async def answer_later(db: Database, chat_id: int) -> None:
    """One a minute at most: who writes ten times into the silence hears once."""
    minute = f"{clock.now():%Y-%m-%dT%H:%M}"
    async with db.unit_of_work() as session:
        await tell(session, Notice(f"late:{chat_id}:{minute}", chat_id, "answer-late"))
