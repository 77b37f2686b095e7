"""Panels that nothing is asked of: one that is gone for ever, one that cannot be reached yet."""

from app.domain.ports import Access, AccessRef, RefusedError, Usage


class RetiredPanel:
    """What it held is gone with it."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def provision(self, access: Access) -> str:
        raise RefusedError(f"panel {self._name} is retired: {access.name} must be moved")

    async def retire(self, replaced: AccessRef) -> None:
        """There is nothing to do."""

    async def deprovision(self, access: AccessRef) -> None:
        """There is nothing to do."""

    async def get_usage(self, access: AccessRef) -> Usage | None:  # noqa: ARG002 - the port's
        return None

    async def check(self) -> None:
        """It cannot fail any more."""


class UnusablePanel:
    """Of a row that says something senseless: every call repeats why."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def provision(self, access: Access) -> str:  # noqa: ARG002 - the port's
        raise RefusedError(self._reason)

    async def retire(self, replaced: AccessRef) -> None:  # noqa: ARG002
        raise RefusedError(self._reason)

    async def deprovision(self, access: AccessRef) -> None:  # noqa: ARG002
        raise RefusedError(self._reason)

    async def get_usage(self, access: AccessRef) -> Usage | None:  # noqa: ARG002
        raise RefusedError(self._reason)

    async def check(self) -> None:
        raise RefusedError(self._reason)
