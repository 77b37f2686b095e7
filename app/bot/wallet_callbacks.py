"""What the buttons of fees, bound addresses and bridge transfers carry."""

import hashlib
from typing import Annotated, Final

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from app.bot.callbacks import PageCallback, PageNumber, RowId
from app.bot.tracking_callbacks import PackedHash
from app.domain.mentions import unpack_hash

_DIGEST_LENGTH: Final = 8
# Of the text that the button stands under, so that "nothing new" can be said.
PageDigest = Annotated[str, Field(max_length=_DIGEST_LENGTH)]
ChainKey = Annotated[str, Field(max_length=16)]


def digest_text(text: str) -> str:
    """What a refresh button carries as its PageDigest."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


class FeesPage(PageCallback, prefix="fees"):
    digest: PageDigest = ""


class AddressesPage(PageCallback, prefix="addresses"):
    number: PageNumber = 0


class BindPage(PageCallback, prefix="bind"):
    """Asks for an address."""


class _OfAddress(CallbackData, prefix="address"):
    address_id: RowId


class AddressPage(_OfAddress, prefix="address"):
    pass


class NotifyIncoming(_OfAddress, prefix="incoming"):
    on: bool


class LabelAddress(_OfAddress, prefix="alias"):
    """Asks for a name."""


class UnlabelAddress(_OfAddress, prefix="unalias"):
    pass


class UnbindAddress(_OfAddress, prefix="unbind"):
    pass


class BridgesPage(PageCallback, prefix="bridges"):
    """Asks for a first leg, and lists the bridges there are."""


class BridgeFrom(CallbackData, prefix="leg1"):
    """The chain of a first leg; `packed` is its hash."""

    packed: PackedHash
    chain: ChainKey

    @property
    def tx_hash(self) -> str:
        return unpack_hash(self.packed)


class _OfBridge(CallbackData, prefix="bridge"):
    bridge_id: RowId


class OpenBridge(_OfBridge, prefix="bridge"):
    digest: PageDigest = ""


class BridgeTo(_OfBridge, prefix="leg2on"):
    chain: ChainKey


class AskRecipient(_OfBridge, prefix="whom"):
    pass


class BridgeRecipient(_OfBridge, prefix="to"):
    address_id: RowId


class AskSecondLeg(_OfBridge, prefix="leg2"):
    """Asks for the hash."""


class AnswerMatch(_OfBridge, prefix="match"):
    """`watch_id`: of the second leg that was proposed."""

    watch_id: RowId
    right: bool
