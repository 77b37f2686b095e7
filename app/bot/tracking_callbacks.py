"""What the tracker's buttons carry; a hash fits into their 64 bytes as 43 characters."""

from typing import Annotated, Self

from aiogram.filters.callback_data import CallbackData
from pydantic import AfterValidator, Field

from app.bot.callbacks import PageCallback, PageNumber, RowId
from app.domain.mentions import pack_hash, unpack_hash
from app.domain.tracking import WatchMode

ALL_CHAINS = "*"


def _check(packed: str) -> str:
    unpack_hash(packed)
    return packed


PackedHash = Annotated[str, Field(min_length=43, max_length=43), AfterValidator(_check)]


class TrackPage(PageCallback, prefix="track"):
    """Asks for a hash."""


class _OfHash(CallbackData, prefix="hash"):
    packed: PackedHash

    @property
    def tx_hash(self) -> str:
        return unpack_hash(self.packed)

    @classmethod
    def of(cls, tx_hash: str) -> Self:
        return cls(packed=pack_hash(tx_hash))


class WatchOnChain(_OfHash, prefix="tx"):
    """`chain` is a key, or ALL of those that know it."""

    chain: Annotated[str, Field(max_length=16)] = ALL_CHAINS

    @classmethod
    def on(cls, tx_hash: str, chain: str) -> Self:
        return cls(packed=pack_hash(tx_hash), chain=chain)


class AwaitTransaction(_OfHash, prefix="await"):
    """Watch for what no chain knows yet."""


class RepeatLookup(_OfHash, prefix="look"):
    pass


class StatusPage(_OfHash, prefix="status"):
    """Of whichever chain knows it."""


class WatchesPage(PageCallback, prefix="watches"):
    number: PageNumber = 0


class OpenCard(CallbackData, prefix="card"):
    """A new card below; the old one is edited no more."""

    watch_id: RowId


class _OfWatch(CallbackData, prefix="watch"):
    watch_id: RowId


class StopWatch(_OfWatch, prefix="stop"):
    """`page`: of the list that was tapped; none where it was the card."""

    page: PageNumber | None = None


class WatchAgain(_OfWatch, prefix="again"):
    pass


class MuteWatch(_OfWatch, prefix="mute"):
    on: bool


class SetWatchMode(_OfWatch, prefix="mode"):
    mode: WatchMode


class LabelWatch(_OfWatch, prefix="label"):
    """Asks for a name."""


class UnlabelWatch(_OfWatch, prefix="unlabel"):
    pass
