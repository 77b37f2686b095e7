"""What Telegram remembers of a bot and its chats, in Telegram's own field names."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class BotCommand(BaseModel):
    command: str
    description: str


class BotProfile(BaseModel):
    """`commands` by scope ("default", "all_private_chats", "chat:1003" …) and language ("")."""

    id: int
    username: str
    first_name: str
    commands: dict[str, dict[str, list[BotCommand]]] = Field(default_factory=dict)
    descriptions: dict[str, str] = Field(default_factory=dict)
    short_descriptions: dict[str, str] = Field(default_factory=dict)
    menu_buttons: dict[int, dict[str, JsonValue]] = Field(default_factory=dict)


class Entity(BaseModel):
    """Offset and length count UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    custom_emoji_id: str | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length


class Text(BaseModel):
    text: str
    entities: list[Entity] = Field(default_factory=list)


SIZE_MARK = "."  # between a photo's id and the character of one of its sizes


class StoredFile(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    file_id: str
    file_unique_id: str
    kind: Literal["photo", "document"]
    file_name: str
    mime_type: str
    content: bytes
    width: int = 0
    height: int = 0


class Message(BaseModel):
    """`special` stands in the place of the text, as an invoice or a payment, in Telegram's fields.

    `star_slug` is the invoice that this message lets somebody pay, `star_title` what was paid for.
    `external_reply` is the message of another chat that it replies to, in Telegram's fields.
    `sender_id` is who of a group wrote it, `unheard` that privacy mode kept it from the bot,
    `thread_id` the topic of a forum that it stands in, which is None in General.
    """

    message_id: int
    chat_id: int
    from_bot: bool
    date: int
    edit_date: int | None = None
    body: Text
    file_id: str | None = None
    special: dict[str, JsonValue] | None = None
    star_slug: str | None = None
    star_title: str | None = None
    reply_markup: dict[str, JsonValue] | None = None
    reply_to_message_id: int | None = None
    external_reply: dict[str, JsonValue] | None = None
    quote: dict[str, JsonValue] | None = None
    sender_id: int | None = None
    unheard: bool = False
    thread_id: int | None = None
    media_group_id: str | None = None
    forward_origin: dict[str, JsonValue] | None = None


class Topic(BaseModel):
    """Of a forum; its id is that of the message that made it."""

    name: str
    closed: bool = False


class Group(BaseModel):
    """Its `members` are users, the first of them made it.

    `bot` is "kicked" where it was thrown out and "left" where it went by itself; "restricted"
    it is inside and may not write. A basic group ("group") that was upgraded goes on under the id
    `migrated_to`.
    """

    id: int
    title: str
    kind: Literal["group", "supergroup"] = "supergroup"
    members: list[int] = Field(default_factory=list)
    bot: Literal["administrator", "member", "restricted", "left", "kicked"] = "member"
    is_forum: bool = False
    topics: dict[int, Topic] = Field(default_factory=dict)
    general_closed: bool = False
    migrated_to: int | None = None
    deleted: bool = False

    @property
    def has_bot(self) -> bool:
        return self.bot not in {"left", "kicked"}


Membership = Literal["member", "left", "kicked"]


class Channel(BaseModel):
    """A user who is missing in `members` has never been there, which Telegram also calls left."""

    id: int
    username: str
    title: str
    members: dict[int, Membership] = Field(default_factory=dict)


class CallbackQuery(BaseModel):
    person_id: int
    asked_at: datetime
    answered: bool = False


class WebhookSettings(BaseModel):
    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    allowed_updates: list[str] | None = None
    ip_address: str | None = None
    last_error_date: int | None = None
    last_error_message: str | None = None


class PendingUpdate(BaseModel):
    """`queue` holds the order: the next update of a queue leaves after this one was taken.

    `repeats` is how often it is sent again although it was taken, `chat_id` where it happened.
    """

    update_id: int
    queue: str
    kind: str
    payload: dict[str, JsonValue]
    what: str
    person_id: int
    chat_id: int | None = None
    expires_at: datetime
    attempts: int = 0
    repeats: int = 0
