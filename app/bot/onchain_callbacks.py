"""What the buttons of on-chain payments carry."""

from typing import Annotated
from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from pydantic import StringConstraints

from app.bot.callbacks import PageCallback, PageNumber, RowId
from app.bot.operator_callbacks import UserId
from app.domain.onchain.addresses import ChainFamily

NetworkKey = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,16}$")]


class OnchainAddressesPage(PageCallback, prefix="ocaddr"):
    """The addresses that buyers pay to."""


class SetOnchainAddressPage(CallbackData, prefix="ocset"):
    """Asks for an address."""

    family: ChainFamily


class CancelOnchainAddress(CallbackData, prefix="ocunset"):
    """One that is not in effect yet."""

    row_id: UUID


class OfOnchainOrder(CallbackData, prefix="ocof"):
    purchase_id: UUID


class OnchainNetworksPage(OfOnchainOrder, prefix="ocnets"):
    """Asks which network."""


class PayOnchain(OfOnchainOrder, prefix="ocpay"):
    """`network` is its key."""

    network: NetworkKey


class OnchainCardPage(OfOnchainOrder, prefix="occard"):
    """What to send and where, and what has arrived."""


class SentOnchainPage(OfOnchainOrder, prefix="ocsent"):
    """Asks for the transfer's hash."""


class OnchainQrPage(OfOnchainOrder, prefix="ocqr"):
    """The address as a picture."""


class OnchainPage(PageCallback, prefix="oc"):
    """Each network's state, what arrived, and what waits for a decision."""


class OnchainTransfersPage(PageCallback, prefix="octxs"):
    """What arrived, the newest first; `unmatched`: what is nobody's, the oldest first."""

    unmatched: bool = False
    number: PageNumber = 0


class OfTransfer(PageCallback, prefix="octxof"):
    transfer_id: RowId


class OnchainTransferPage(OfTransfer, prefix="octx"):
    pass


class AssignmentPage(OfTransfer, prefix="ocassign"):
    """Asks whether it is meant; without a user, asks for one."""

    user_id: UserId | None = None


class AssignTransfer(OfTransfer, prefix="ocdo"):
    user_id: UserId


class DismissalReasonPage(OfTransfer, prefix="ocdrop"):
    """Asks for the reason."""


class RejectClaim(OfTransfer, prefix="ocreject"):
    pass


class SwitchNetwork(CallbackData, prefix="ocnet"):
    """On or off for buyers."""

    network: NetworkKey
    on: bool
