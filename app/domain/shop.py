"""What the operator decides while the shop runs; rows in the database override these defaults."""

from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Hour = Annotated[int, Field(ge=1, le=24 * 30)]


class ShopSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    reminder_hours: tuple[Hour, ...] = (72, 24, 3)  # before the end; empty: no reminders
    time_zone: str = "Europe/Moscow"  # whose days and nights the shop keeps
    awake_from_hour: Annotated[int, Field(ge=0, le=23)] = 9
    awake_until_hour: Annotated[int, Field(ge=1, le=24)] = 22

    @field_validator("time_zone")
    @classmethod
    def _check_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("must be a name like Europe/Moscow") from error
        return name

    @model_validator(mode="after")
    def _check_day(self) -> Self:
        if self.awake_from_hour >= self.awake_until_hour:
            raise ValueError("awake_from_hour must come before awake_until_hour")
        return self
