"""What the panel remembers of an account, and of how often it was asked for it."""

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


class PanelUser(BaseModel):
    """Kept after a removal, so that `created_calls` can show that one account was made twice."""

    uuid: str
    name: str
    expires_at: datetime
    traffic_limit_bytes: int
    device_limit: int
    used_bytes: int = 0
    online_at: datetime | None = None
    connected_until: datetime | None = None
    subscription_url: str
    created_calls: int = 1
    updates: int = 0
    removed: bool = False

    def for_page(self) -> dict[str, JsonValue]:
        return self.model_dump(mode="json", exclude={"connected_until", "removed"})
