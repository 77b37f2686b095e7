"""The outside world as the product sees it; `clients` and `bot` implement these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

from app.core.external_values import to_storable_text
from app.core.money import Money
from app.domain.messages import Lane, Screen
from app.domain.payment_methods import PaymentMethod


class PortError(Exception):
    """Something outside failed; the text is safe to log, to store and to show (P12)."""

    def __init__(self, text: str = "") -> None:
        super().__init__(to_storable_text(text))


class UnavailableError(PortError):
    """Down, slow, or an answer that is none: the same call may succeed later."""


class RefusedError(PortError):
    """Understood and refused: the same call will be refused again until an operator acts."""


class RetryLaterError(PortError):
    """Telegram's 429, a longer queue than the caller's patience, or a topic closed for now."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"retry after {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class UnreachableError(PortError):
    """The user blocked the bot, never started it, or is gone; a group is deleted or without it."""


class ChatRestrictedError(RefusedError):
    """The group takes nothing from the bot now; its administrators can change that."""


class ChatMigratedError(RefusedError):
    """The group goes on as a supergroup, under another id."""

    def __init__(self, text: str, new_chat_id: int) -> None:
        super().__init__(text)
        self.new_chat_id = new_chat_id


class TopicGoneError(RefusedError):
    """The topic is closed or deleted, and the message is for it alone."""


class UndecidedError(PortError):
    """The request left and no answer came: it may or may not have been carried out."""


class InvoiceStatus(StrEnum):
    ACTIVE = "active"
    PAID = "paid"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # a state that we don't know


@dataclass(frozen=True, slots=True)
class InvoiceOrder:
    payload: str  # ours; comes back with the invoice and is how a lost answer is found again
    charge: Money
    title: str  # at most 32 characters
    description: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Invoice:
    invoice_id: str
    status: InvoiceStatus
    amount: str  # a decimal string, as the provider says it
    currency: str  # the fiat or the asset of `amount`
    payload: str
    pay_url: str | None  # None where there is nothing to open
    paid_at: datetime | None = None
    payment_id: str | None = None  # where one invoice can be paid twice

    @property
    def payment_reference(self) -> str:
        """What names the payment: its own id, else the invoice's."""
        return self.payment_id or self.invoice_id


class PaymentProvider(Protocol):
    """What takes the money of a payment method. Raises UnavailableError, RefusedError."""

    name: str  # as `payment_method` says it
    payment_method: PaymentMethod

    async def refund(self, user_id: int, payment_id: str) -> None:
        """All of one payment; a repeated call changes nothing."""
        ...

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        """Never two for one payload, as far as the provider lets us look."""
        ...

    async def get_invoices(self, invoice_ids: Sequence[str]) -> list[Invoice]:
        """At most 1000 ids in one call; unknown ids are missing from the answer."""
        ...

    async def find_invoice(self, payload: str) -> Invoice | None: ...

    async def delete_invoice(self, invoice_id: str) -> None:
        """Nobody can pay it any more. RefusedError: it is paid, gone, or can't be deleted."""
        ...

    async def check(self) -> None:
        """Raise when the token is refused or the provider is away."""
        ...


@runtime_checkable
class PaymentHistory(Protocol):
    """Of a provider whose webhook's secret would suffice to forge a payment."""

    async def list_payments(self) -> list[Invoice]:
        """Every payment of the last 7 days, given back or not. Raises UnavailableError."""
        ...


class Rates(Protocol):
    """What coins are worth. Raises UnavailableError, RefusedError."""

    async def get_rates(self, currency: str) -> Mapping[str, Decimal]:
        """By coin, what one of it costs; empty for a currency that nobody quotes."""
        ...


class PanelKeyRefusedError(RefusedError):
    """The panel does not take our key: expired, revoked, or without a scope."""


class PanelVersionError(RefusedError):
    """A version of the panel that we can't talk to; the text says which ones we can."""


@dataclass(frozen=True, slots=True)
class AccessRef:
    """How a panel finds an access: some by our id, most by our name."""

    access_id: UUID  # of one link: with a new link the name stays and the id is new
    name: str  # u<telegram_id>_<subscription_id>
    panel_id: int | None = field(default=None, kw_only=True)  # of several; None: the default one


@dataclass(frozen=True, slots=True)
class Access(AccessRef):
    """What the panel must hold: an absolute state, so that a repeated call changes nothing."""

    expires_at: datetime
    traffic_limit_bytes: int  # 0 = none
    device_limit: int  # 0 = none
    groups: tuple[str, ...] = ()  # squads, inbounds … of a new account; none: the panel's own
    replaces: UUID | None = None  # of the same name: a new link was asked for
    link: str | None = None  # as the user has it; with `replaces`, the new one is delivered


@dataclass(frozen=True, slots=True)
class Usage:
    used_bytes: int
    online_at: datetime | None


class VpnPanel(Protocol):
    """Raises UnavailableError, RefusedError, of these PanelKeyRefusedError, PanelVersionError.

    Every call may be repeated, also where its answer was lost.
    """

    async def provision(self, access: Access) -> str:
        """The subscription link: the same one until `replaces` asks for another.

        Traffic and devices are kept; where `replaces` is set the traffic is counted anew.
        AccountGoneError: where there was a `link` that is no more; nothing is made then.
        """
        ...

    async def retire(self, replaced: AccessRef) -> None:
        """What provisioning has replaced stops working, if it did not with the new link already."""
        ...

    async def deprovision(self, access: AccessRef) -> None: ...

    async def get_usage(self, access: AccessRef) -> Usage | None:
        """None: the panel has no such access."""
        ...

    async def check(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Device:
    """That an access is used on, or the address that it is used from."""

    device_id: str  # the panel's, of any length; no two of an access share one
    name: str  # one line to show; empty where the panel knows none
    seen_at: datetime | None = None


@runtime_checkable
class DeviceList(Protocol):
    """Of a panel that at least keeps the addresses that an access is used from.

    Raises as VpnPanel does. An access that the panel has not has no devices.
    """

    async def list_devices(self, access: AccessRef) -> list[Device]:
        """In any order, at most 1000."""
        ...

    async def clear_devices(self, access: AccessRef) -> None:
        """All at once: each that is still in use is listed again."""
        ...


@runtime_checkable
class RemovableDevices(DeviceList, Protocol):
    """Of a panel that knows each device by itself."""

    async def remove_device(self, access: AccessRef, device_id: str) -> None:
        """One that is gone already is no failure."""
        ...


@dataclass(frozen=True, slots=True)
class SubscriptionAnswer:
    """What a subscription link gives a VPN client; `headers` are those that clients know."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class SubscriptionLinks(Protocol):
    async def fetch(self, link: str, headers: Mapping[str, str]) -> SubscriptionAnswer:
        """Of the link itself, wherever it may redirect to. Raises UnavailableError."""
        ...


class MessageSender(Protocol):
    """Raises RetryLaterError, UnreachableError, UnavailableError, UndecidedError, RefusedError.

    Of the refusals, ChatRestrictedError and ChatMigratedError are states of a group.
    `thread_id` is the topic of a forum; where that is closed or gone, General takes the message.
    """

    def get_chat_wait(self, chat_id: int) -> timedelta:
        """How long the chat's own limit holds a notification back; it would be waited for."""
        ...

    async def send(
        self,
        chat_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
        only_there: bool = False,
    ) -> int:
        """The new message's id. `only_there`: in the topic, or TopicGoneError."""
        ...

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        """The id of the message that shows the screen now: a new one if the old is not editable."""
        ...

    async def replace(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        """A new message, of which the user is notified; then the old one is removed, if it can."""
        ...

    async def update(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int | None:
        """As `edit`, but None where the message was removed: then no other one is sent."""
        ...


class BotAccount(Protocol):
    """Raises RetryLaterError, UnavailableError, RefusedError."""

    async def get_username(self) -> str:
        """Without the @; Telegram is asked once."""
        ...


class MessageRenderer(Protocol):
    def render(self, template: str, values: Mapping[str, object], language: str) -> Screen:
        """`values` are JSON values as they stood in the outbox row."""
        ...


class ClaimState(StrEnum):
    FREE = "free"  # certainly not delivered: now claimed by us
    TRIED = "tried"  # perhaps: a sending began and recorded no end, or nobody knows
    SENT = "sent"  # Telegram took it


class DeliveryClaims(Protocol):
    """`notified:<key>` for 7 days: closes the window between Telegram's answer and our commit."""

    async def claim(self, key: str) -> ClaimState:
        """Raises UnavailableError when the store is away."""
        ...

    async def mark_sent(self, key: str) -> None:
        """Best effort: never raises for an absent store."""
        ...

    async def release(self, key: str) -> None:
        """It certainly was not delivered. Best effort."""
        ...


class Channels(Protocol):
    """Who is where. Raises UnavailableError; RefusedError where the bot may not look."""

    async def is_member(self, channel: str, user_id: int) -> bool:
        """`channel` is a public @name."""
        ...


@dataclass(frozen=True, slots=True)
class WebhookState:
    url: str
    pending_update_count: int
    allowed_updates: frozenset[str]
    last_error_at: datetime | None
    last_error_message: str | None


class WebhookControl(Protocol):
    """Telegram's side of the webhook. Raises UnavailableError, RetryLaterError, RefusedError."""

    async def get_state(self) -> WebhookState: ...

    async def set(self, url: str) -> None:
        """With our secret, allowed updates and connection count; never drops pending updates."""
        ...


class UpdateState(StrEnum):
    NEW = "new"  # now ours, for the length of a lease
    PROCESSING = "processing"
    DONE = "done"


class SeenUpdates(Protocol):
    """Which updates came before: `processing` under a lease, `done` for 48 h. Never raises."""

    async def begin(self, update_id: int) -> UpdateState: ...

    async def finish(self, update_id: int) -> None: ...

    async def forget(self, update_id: int) -> None:
        """It could not be taken: Telegram's repeat must be new again."""
        ...

    async def flush(self) -> None:
        """Write what was put off until an answer; as a term begins, and after each answer."""
        ...

    async def hand_over(self) -> None:
        """Write what this process is at and has done: from now on another may be asked too."""
        ...
