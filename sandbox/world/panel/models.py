"""What the panel remembers of an account, and of how often it was asked for it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, JsonValue


class AddUser(BaseModel):
    """The body of `POST /add-user`; a limit of 0 means none."""

    uuid: UUID
    name: str = Field(min_length=1, max_length=128)
    expires_at: AwareDatetime
    traffic_limit_bytes: int = Field(default=0, ge=0)
    device_limit: int = Field(default=0, ge=0)


class PanelAccount(BaseModel):
    """What the accounts of every panel have in common: somebody uses them, the page shows them."""

    used_bytes: int = 0
    online_at: datetime | None = None
    first_online_at: datetime | None = None
    connected_until: datetime | None = None
    updates: int = 0

    def is_on(self, now: datetime) -> bool:
        raise NotImplementedError

    def for_page(self) -> dict[str, JsonValue]:
        """`uuid` is one of the page's keys: no two accounts share it. `panel` is the kind of it."""
        raise NotImplementedError

    def for_clients(self) -> "Served":
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Served:
    """What a subscription link says of an account; None or 0 for what never ends."""

    name: str
    uuid: str
    total_bytes: int
    expires_at: datetime | None


class PanelUser(PanelAccount):
    """Kept after a removal, so that `created_calls` can show that one account was made twice."""

    uuid: str
    name: str
    expires_at: datetime
    traffic_limit_bytes: int
    device_limit: int
    subscription_url: str
    created_calls: int = 1
    removed: bool = False

    def is_on(self, now: datetime) -> bool:
        return not self.removed and now < self.expires_at

    def for_page(self) -> dict[str, JsonValue]:
        shown = self.model_dump(
            mode="json", exclude={"connected_until", "first_online_at", "removed"}
        )
        return shown | {"panel": "xray_api"}

    def for_clients(self) -> Served:
        return Served(self.name, self.uuid, self.traffic_limit_bytes, self.expires_at)
