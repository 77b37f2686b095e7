"""What the world asks of every chain, whatever its nodes speak."""

from typing import Protocol

from sandbox.world.json_types import JsonObject


class Chain(Protocol):
    """`World.chains` holds it by its key; `registry.make_chains` makes it, fresh or as it was.

    `revision` differs whenever the page should be notified.
    """

    @property
    def revision(self) -> int: ...

    def view(self) -> JsonObject:
        """The chain as the page shows it."""
        ...

    def snapshot(self) -> JsonObject:
        """What its maker takes to go on here; it raises pydantic's ValidationError otherwise."""
        ...

    def tick(self) -> None:
        """Do what is due; called some times a second."""
        ...
