"""What a shop with several panels is besides one VpnPanel."""

from collections.abc import Collection
from typing import Protocol, runtime_checkable

from app.domain.ports import AccessRef, PortError, VpnPanel


class AccountGoneError(PortError):
    """The panel has lost the account, and with it the link, which a new account can't have."""


@runtime_checkable
class PanelChoice(Protocol):
    """Of a shop with several panels, which are one VpnPanel together."""

    @property
    def has_several(self) -> bool: ...

    @property
    def away_ids(self) -> Collection[int | None]:
        """Of those that did not answer when they were asked last."""
        ...

    async def choose(self, access: AccessRef) -> VpnPanel:
        """The one that holds it. Raises UnavailableError, RefusedError."""
        ...
