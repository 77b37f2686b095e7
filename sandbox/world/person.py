"""Somebody with a phone in the sandbox, the same person for all its protocols."""

from pydantic import BaseModel, Field

from sandbox.world.chains.addresses import addresses_of


class Person(BaseModel):
    id: int
    first_name: str
    last_name: str | None = None
    username: str | None
    language_code: str | None
    deleted: bool = False
    is_admin: bool = False
    bot_blocked: bool = False
    started: bool = False
    stars: int = Field(default=10_000, ge=0)
    addresses: dict[str, str] = Field(default_factory=lambda person: addresses_of(person["id"]))
