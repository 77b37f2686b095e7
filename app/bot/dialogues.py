"""The end of a dialogue: after what was typed has been worked on, and not before.

Of a process that is killed in between Telegram brings the message again, and it must be an answer
still. What works on it takes the same message twice.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram.fsm.context import FSMContext


@asynccontextmanager
async def ended_afterwards(state: FSMContext) -> AsyncIterator[None]:
    """Also where the work is refused."""
    try:
        yield
    finally:
        await state.clear()
