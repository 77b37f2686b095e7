"""What the buttons of fees, bound addresses and bridge transfers carry."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from app.bot.callbacks import Number, Page, RowId
from app.bot.tracking_callbacks import PackedHash
from app.domain.mentions import unpack_hash

# Of the text that the button stands under, so that "nothing new" can be said.
Mark = Annotated[str, Field(max_length=8)]
ChainKey = Annotated[str, Field(max_length=16)]


class FeesPage(Page, prefix="fees"):
    mark: Mark = ""


class AddressesPage(Page, prefix="addresses"):
    number: Number = 0


class BindPage(Page, prefix="bind"):
    """Asks for an address."""


class _OfAddress(CallbackData, prefix="address"):
    address_id: RowId


class AddressPage(_OfAddress, prefix="address"):
    pass


class TellIncoming(_OfAddress, prefix="incoming"):
    on: bool


class LabelAddress(_OfAddress, prefix="alias"):
    """Asks for a name."""


class UnlabelAddress(_OfAddress, prefix="unalias"):
    pass


class Unbind(_OfAddress, prefix="unbind"):
    pass


class BridgesPage(Page, prefix="bridges"):
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


class BridgePage(_OfBridge, prefix="bridge"):
    mark: Mark = ""


class BridgeTo(_OfBridge, prefix="leg2on"):
    chain: ChainKey


class AskRecipient(_OfBridge, prefix="whom"):
    pass


class BridgeRecipient(_OfBridge, prefix="to"):
    address_id: RowId


class GiveSecondLeg(_OfBridge, prefix="leg2"):
    """Asks for the hash."""


class JudgeMatch(_OfBridge, prefix="match"):
    """`watch_id`: of the second leg that was proposed."""

    watch_id: RowId
    right: bool
