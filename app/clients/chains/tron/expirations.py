"""Until when transactions can be put into a block: the one thing the JSON-RPC does not say."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BaseModel, Field, ValidationError

from app.clients.chains.rpc.pool import Pinned
from app.clients.chains.tron.protocol import make_wallet_call
from app.domain.ports import UnavailableError

_MOST_ASKED: Final = 10  # in one pass, a request each; without it the longest lifetime counts
_MOST_KNOWN: Final = 10_000
_MILLISECONDS: Final = 1000


class _RawData(BaseModel):
    expiration: Annotated[int, Field(ge=0, lt=253_402_300_800_000)]  # the year 10000


class _Transaction(BaseModel):
    raw_data: _RawData


class Expirations:
    """One for a chain: what a transaction says of itself never changes."""

    def __init__(self) -> None:
        self._known: dict[str, datetime] = {}

    async def find(self, pinned: Pinned, tx_hashes: Sequence[str]) -> Mapping[str, datetime]:
        """As far as they are known; never raises."""
        missing = [one for one in tx_hashes if one not in self._known]
        for tx_hash in missing[:_MOST_ASKED]:
            with contextlib.suppress(UnavailableError, ValidationError):
                answer = await pinned.call(make_wallet_call(tx_hash))
                milliseconds = _Transaction.model_validate(answer).raw_data.expiration
                self._known[tx_hash] = datetime.fromtimestamp(milliseconds / _MILLISECONDS, UTC)
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return {one: self._known[one] for one in tx_hashes if one in self._known}
