"""The outside world as the ports describe it, in memory and at a test's command."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.core import clock
from app.domain.charts import Drawing
from app.domain.messages import Button, CopiedMessage, Lane, Screen
from app.domain.payment_methods import PaymentMethod
from app.domain.ports import (
    Access,
    AccessRef,
    ClaimState,
    Invoice,
    InvoiceOrder,
    InvoiceStatus,
    RefusedError,
    UnavailableError,
    Usage,
    WebhookState,
)
from tests.support.held_connections import require_none_held

Hook = Callable[[], Awaitable[object]]


async def _nothing() -> None: ...


class Scripted:
    """The next calls fail with `failures`, one each; `on_call` runs while a call is under way."""

    def __init__(self) -> None:
        self.failures: list[BaseException] = []
        self.on_call: Hook = _nothing

    async def _play(self) -> None:
        require_none_held()
        await self.on_call()
        if self.failures:
            raise self.failures.pop(0)


class FakeProvider(Scripted):
    """`refunded`: the payments that were sent back, one entry a call."""

    def __init__(self, name: str = "cryptobot", *, refunds: bool = False) -> None:
        super().__init__()
        self.name = name
        self.payment_method = PaymentMethod(
            name, lambda due, _: due if due.minor else None, refunds, deletes=True
        )
        self.lifetimes: list[timedelta] = []  # as they were asked for
        self.deleted: list[str] = []
        self.refunded: list[tuple[int, str]] = []
        self.invoices: dict[str, Invoice] = {}
        self.asked: list[Sequence[str]] = []
        self.loses_answers = False

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        await self._play()
        self.lifetimes.append(order.lifetime)
        invoice_id = str(700 + len(self.invoices) + len(self.deleted))
        self.invoices[invoice_id] = Invoice(
            invoice_id=invoice_id,
            status=InvoiceStatus.ACTIVE,
            amount=f"{order.charge.amount:f}",
            currency=order.charge.currency,
            payload=order.payload,
            pay_url=f"https://t.me/CryptoBot?start={invoice_id}",
        )
        if self.loses_answers:
            raise UnavailableError("no answer")
        return self.invoices[invoice_id]

    async def get_invoices(self, invoice_ids: Sequence[str]) -> list[Invoice]:
        await self._play()
        self.asked.append(invoice_ids)
        return [self.invoices[id_] for id_ in invoice_ids if id_ in self.invoices]

    async def find_invoice(self, payload: str) -> Invoice | None:
        await self._play()
        found = (invoice for invoice in self.invoices.values() if invoice.payload == payload)
        return next(found, None)

    async def delete_invoice(self, invoice_id: str) -> None:
        await self._play()
        invoice = self.invoices.get(invoice_id)
        if invoice is None or invoice.status is not InvoiceStatus.ACTIVE:
            raise RefusedError(f"no open invoice: {invoice_id}")
        del self.invoices[invoice_id]
        self.deleted.append(invoice_id)

    async def check(self) -> None:
        await self._play()

    async def refund(self, user_id: int, payment_id: str) -> None:
        await self._play()
        if not self.payment_method.refunds:
            raise RefusedError(f"no refunds: {user_id}, {payment_id}")
        self.refunded.append((user_id, payment_id))

    def pay(
        self, invoice_id: str | None, amount: str | None = None, *, paid_at: datetime | None = None
    ) -> Invoice:
        """Somebody pays it, just now if nothing else is said."""
        invoice = self.invoices[invoice_id or ""]
        return self._change(
            replace(
                invoice,
                status=InvoiceStatus.PAID,
                amount=invoice.amount if amount is None else amount,
                paid_at=paid_at or clock.now(),
            )
        )

    def expire(self, invoice_id: str | None) -> Invoice:
        return self._change(replace(self.invoices[invoice_id or ""], status=InvoiceStatus.EXPIRED))

    def _change(self, invoice: Invoice) -> Invoice:
        self.invoices[invoice.invoice_id] = invoice
        return invoice


class FakePanel(Scripted):
    def __init__(self) -> None:
        super().__init__()
        self.provisioned: list[Access] = []
        self.removed: list[UUID] = []
        self.asked_usage: list[UUID] = []
        self.usage: Usage | None = Usage(1_000, None)

    async def provision(self, access: Access) -> str:
        await self._play()
        self.provisioned.append(access)
        return f"vless://{access.name}"

    async def retire(self, replaced: AccessRef) -> None:
        await self.deprovision(replaced)

    async def deprovision(self, access: AccessRef) -> None:
        await self._play()
        self.removed.append(access.access_id)

    async def get_usage(self, access: AccessRef) -> Usage | None:
        await self._play()
        self.asked_usage.append(access.access_id)
        return self.usage

    async def check(self) -> None:
        await self._play()


class FakeChannels(Scripted):
    """One channel with these `members`."""

    def __init__(self) -> None:
        super().__init__()
        self.members: set[int] = set()

    async def is_member(self, channel: str, user_id: int) -> bool:  # noqa: ARG002 - the port's
        await self._play()
        return user_id in self.members


class RecordingSender:
    """`failures` by chat; `sent` holds chat and text in the order in which Telegram took them."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str]] = []
        self.threads: list[int | None] = []  # of what was sent
        self.edited: list[tuple[int, int, str]] = []
        self.failures: dict[int, list[BaseException]] = {}
        self.uneditable: set[int] = set()
        self.removed: set[int] = set()
        self.waits: dict[int, timedelta] = {}  # of chats whose limit is used up
        self.on_call: Hook = _nothing

    def get_chat_wait(self, chat_id: int) -> timedelta:
        return self.waits.get(chat_id, timedelta())

    async def send(
        self,
        chat_id: int,
        screen: Screen,
        *,
        lane: Lane,  # noqa: ARG002
        thread_id: int | None = None,
        only_there: bool = False,  # noqa: ARG002
    ) -> int:
        require_none_held()
        await self.on_call()
        if failures := self.failures.get(chat_id):
            raise failures.pop(0)
        self.sent.append((chat_id, screen.text))
        self.threads.append(thread_id)
        return 10_000 + len(self.sent)

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        if message_id in self.uneditable:
            return await self.send(chat_id, screen, lane=lane, thread_id=thread_id)
        require_none_held()
        await self.on_call()
        self.edited.append((chat_id, message_id, screen.text))
        return message_id

    async def replace(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int:
        new_message_id = await self.send(chat_id, screen, lane=lane, thread_id=thread_id)
        self.removed.add(message_id)
        return new_message_id

    async def update(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        *,
        lane: Lane,
        thread_id: int | None = None,
    ) -> int | None:
        require_none_held()
        await self.on_call()
        if failures := self.failures.get(chat_id):
            raise failures.pop(0)
        if message_id in self.removed:
            return None
        if message_id in self.uneditable:
            return await self.send(chat_id, screen, lane=lane, thread_id=thread_id)
        self.edited.append((chat_id, message_id, screen.text))
        return message_id

    def texts(self, chat_id: int) -> list[str]:
        return [text for chat, text in self.sent if chat == chat_id]


class FakeRenderer(Scripted):
    """A ChartRenderer that keeps what it is asked to draw."""

    def __init__(self) -> None:
        super().__init__()
        self.drawings: list[Drawing] = []

    async def render(self, drawing: Drawing) -> bytes:
        await self._play()
        self.drawings.append(drawing)
        return b"PNG"


class FakeCopier:
    """`failures` by chat; `copied` holds whom the source was copied to, with its buttons' texts."""

    def __init__(self) -> None:
        self.copied: list[tuple[int, list[str]]] = []
        self.edited: list[tuple[int, str, list[str]]] = []
        self.captions = False
        self.deleted: list[int] = []
        self.sources: set[CopiedMessage] = set()
        self.failures: dict[int, list[BaseException]] = {}
        self.turns: list[int] = []
        self.on_call: Hook = _nothing

    async def wait_for_turn(self, chat_id: int) -> None:
        require_none_held()
        self.turns.append(chat_id)

    async def copy_in_turn(
        self, message: CopiedMessage, chat_id: int, buttons: Sequence[Sequence[Button]]
    ) -> int:
        assert chat_id in self.turns
        return await self.copy(message, chat_id, buttons)

    async def copy(
        self, message: CopiedMessage, chat_id: int, buttons: Sequence[Sequence[Button]]
    ) -> int:
        require_none_held()
        await self.on_call()
        if failures := self.failures.get(chat_id):
            raise failures.pop(0)
        self.sources.add(message)
        self.copied.append((chat_id, [button.text for row in buttons for button in row]))
        return 70_000 + len(self.copied)

    async def edit_in_turn(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        *,
        is_caption: bool,
        buttons: Sequence[Sequence[Button]],
    ) -> None:
        assert message_id > 70_000
        assert chat_id in self.turns
        require_none_held()
        if failures := self.failures.get(chat_id):
            raise failures.pop(0)
        self.captions |= is_caption
        self.edited.append((chat_id, text, [button.text for row in buttons for button in row]))

    async def delete_in_turn(self, chat_id: int, message_id: int) -> None:
        assert message_id > 70_000
        assert chat_id in self.turns
        require_none_held()
        if failures := self.failures.get(chat_id):
            raise failures.pop(0)
        self.deleted.append(chat_id)

    @property
    def chats(self) -> list[int]:
        return [chat_id for chat_id, _ in self.copied]


class PlainRenderer:
    """The template's name and the language as text; "poison" cannot be rendered."""

    def render(self, template: str, values: Mapping[str, object], language: str) -> Screen:
        if template == "poison":
            raise KeyError(template)
        words = [str(values[name]) for name in sorted(values)]  # JSONB keeps no order
        return Screen(" ".join([template, language, *words]))


class FakeClaims:
    """Remembers like Redis, forgets with `states.clear()`, and can be away."""

    def __init__(self) -> None:
        self.states: dict[str, ClaimState] = {}
        self.is_away = False

    async def claim(self, key: str) -> ClaimState:
        require_none_held()
        if self.is_away:
            raise UnavailableError("Redis is away")
        state = self.states.get(key, ClaimState.FREE)
        if state is ClaimState.FREE:
            self.states[key] = ClaimState.TRIED
        return state

    async def mark_sent(self, key: str) -> None:
        require_none_held()
        if not self.is_away:
            self.states[key] = ClaimState.SENT

    async def release(self, key: str) -> None:
        require_none_held()
        if not self.is_away:
            self.states.pop(key, None)


class FakeWebhook(Scripted):
    """Telegram's side of the webhook."""

    def __init__(self, url: str, allowed_updates: frozenset[str]) -> None:
        super().__init__()
        self.state = WebhookState(url, 0, allowed_updates, None, None)
        self.set_to: list[str] = []

    async def get_state(self) -> WebhookState:
        await self._play()
        return self.state

    async def set(self, url: str) -> None:
        await self._play()
        self.set_to.append(url)
        self.state = replace(self.state, url=url)


@dataclass
class FakeAccount:
    """A BotAccount."""

    is_away: bool = False

    async def get_username(self) -> str:
        if self.is_away:
            raise UnavailableError("Telegram is away")
        return "shop_bot"
