"""The operator's `/export`: asked for by two taps, made by a worker, and sent to who asked."""

import asyncio
import csv
import io
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.bot.renderer import ScreenRenderer
from app.db.models import AuditEntry, Export, ExportState
from app.domain.messages import Document, Lane, Screen
from app.domain.ports import (
    RefusedError,
    RetryLaterError,
    UnavailableError,
    UndecidedError,
    UnreachableError,
)
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.exports.making import ExportLimits, make_due_export
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, RecordingSender, Shown, labels, visible
from tests.conftest import Skip
from tests.support.fakes import FakeClaims
from tests.support.locks import held
from tests.support.terms import begin_term

MARK = b"\xef\xbb\xbf"


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ports(bot: BotUnderTest, *operators: int) -> DeliveryPorts:
    return DeliveryPorts(bot.sender, ScreenRenderer(), FakeClaims(), operators or (OLGA,))


async def work(bot: BotUnderTest, limits: ExportLimits | None = None) -> dict[str, int]:
    """A round of the worker, then one of the outbox."""
    counts = await make_due_export(bot.deps.db, ports(bot), limits or ExportLimits())
    await deliver_due_notifications(bot.deps.db, ports(bot), Lane.NOTIFICATION)
    return dict(counts)


async def ask(phone: Phone, kind: str = "users", *, bom: bool = True) -> Shown:
    """The message that was tapped: the worker's from then on."""
    await phone.send("/export")
    tapped = phone.chat[-1]
    await phone.tap(f"table:{kind}")
    await phone.tap(f"maketable:{kind}:{int(bom)}")
    return tapped


def documents(phone: Phone) -> list[Document]:
    return [shown.screen.document for shown in phone.chat if shown.screen.document]


def content(document: Document) -> bytes:
    assert isinstance(document.content, bytes)  # as the phone has it
    return document.content


def ids(document: Document) -> list[str]:
    text = content(document).decode("utf-8-sig")
    return [row["id"] for row in csv.DictReader(io.StringIO(text, newline=""))]


async def export_row(bot: BotUnderTest) -> Export:
    async with bot.deps.db.read_only() as session:
        return (await session.scalars(select(Export))).one()


async def test_two_taps_bring_the_table(closed_shop: BotUnderTest, language: str) -> None:
    """P3: progress and end are shown in the message that was tapped; it is in the audit."""
    await closed_shop.anna.send("/start")
    olga = closed_shop.phone(OLGA, "Olga", language)
    await olga.send("/export")
    tapped = olga.chat[-1]
    assert len(labels(tapped.screen)) == 9
    await olga.tap("table:users")
    assert "username" in visible(tapped.screen)
    answer = await olga.tap("maketable:users:1")
    assert answer is not None
    assert answer.text in {"Начали: файл придёт сюда", "Started: the file comes here"}
    assert documents(olga) == []

    assert (await work(closed_shop))["made"] == 1

    (document,) = documents(olga)
    assert document.name.startswith("users-20")
    assert document.name.endswith(".csv")
    assert content(document).startswith(MARK + b"id,first_name,")
    assert ids(document) == ["1001", "1003"]
    assert visible(tapped.screen).startswith("✅")
    assert ("2 строки, один файл" if language == "ru" else "2 rows, one file") in visible(
        tapped.screen
    )
    row = await export_row(closed_shop)
    assert (row.state, row.rows_done, row.lease_token) == (ExportState.DONE, 2, None)
    async with closed_shop.deps.db.read_only() as session:
        entries = (await session.scalars(select(AuditEntry))).all()
    assert [(entry.actor, entry.action, entry.subject) for entry in entries] == [
        ("user:1003", "export_started", "export:users")
    ]
    assert await work(closed_shop) == {}
    assert len(documents(olga)) == 1


@pytest.mark.parametrize(
    "kind", ["users", "payments", "ledger", "subscriptions", "promo", "audit", "recipients", "bulk"]
)
async def test_each_table_says_what_it_holds_and_comes_without_a_bom(
    closed_shop: BotUnderTest, language: str, kind: str
) -> None:
    olga = closed_shop.phone(OLGA, "Olga", language)
    await ask(olga, kind, bom=False)
    await work(closed_shop)
    (document,) = documents(olga)
    assert content(document).startswith(b"id,")
    await olga.tap("exports")
    assert len(labels(olga.screen)) == 9


async def test_one_runs_at_a_time_and_the_page_says_which(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    await ask(olga)
    await olga.send("/export")
    assert "Сейчас готовится: 👤 Пользователи" in olga.text
    await olga.tap("table:ledger")
    answer = await olga.tap("maketable:ledger:0")
    assert answer is not None
    assert "уже готовится таблица" in str(answer.text)
    await work(closed_shop)
    await work(closed_shop)
    assert [document.name[:5] for document in documents(olga)] == ["users"]
    await ask(olga, "ledger")
    await work(closed_shop)
    assert len(documents(olga)) == 2


@pytest.mark.parametrize("data", ["exports:0", "table:users", "maketable:users:1"])
async def test_for_everybody_else_there_are_no_exports(
    closed_shop: BotUnderTest, data: str
) -> None:
    """P12: answered as any button that is none."""
    ben = closed_shop.ben
    await ben.send("/start")
    unknown = await ben.press("nonsense")
    answer = await ben.press(data)
    assert answer is not None
    assert unknown is not None
    assert (answer.text, answer.show_alert) == (unknown.text, unknown.show_alert)
    assert await work(closed_shop) == {}
    assert documents(ben) == []


async def test_who_is_no_operator_any_more_gets_nothing(closed_shop: BotUnderTest) -> None:
    await ask(closed_shop.olga)
    await make_due_export(closed_shop.deps.db, ports(closed_shop, 7))
    assert documents(closed_shop.olga) == []
    assert (await export_row(closed_shop)).state is ExportState.FAILED


async def test_a_large_table_comes_in_parts(closed_shop: BotUnderTest) -> None:
    for number in range(8):
        await closed_shop.phone(2000 + number, "Ben", "en").send("/start")
    olga = closed_shop.olga
    tapped = await ask(olga)
    await work(closed_shop, ExportLimits(part_bytes=300))
    parts = documents(olga)
    assert len(parts) > 2
    assert max(len(content(part)) for part in parts) <= 300
    assert [part.name.partition("-of-")[2] for part in parts] == [f"{len(parts)}.csv"] * len(parts)
    assert [id_ for part in parts for id_ in ids(part)] == [
        "1003",
        *(str(2000 + number) for number in range(8)),
    ]
    assert f"{len(parts)} файл" in visible(tapped.screen)


@dataclass
class LockingSender(RecordingSender):
    """Nobody can read the users from the first progress on, until there was a third one."""

    database_url: str = ""
    seen: list[str] = field(default_factory=list)
    locks: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def edit(self, chat_id: int, message_id: int, screen: Screen, **more: Any) -> int:  # noqa: ANN401
        self.seen.append(visible(screen))
        if len(self.seen) == 1:
            rows = held(self.database_url, "SELECT id FROM users FOR UPDATE")
            connection = await self.locks.enter_async_context(rows)
            await connection.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        elif len(self.seen) == 3:
            await self.locks.aclose()
        return await super().edit(chat_id, message_id, screen, **more)


async def test_progress_is_shown_while_rows_are_awaited(
    closed_shop: BotUnderTest, database_url: str
) -> None:
    """P13: and the claim is kept."""
    tapped = await ask(closed_shop.olga)
    before = (await export_row(closed_shop)).leased_until
    sender = LockingSender(closed_shop.sender.chats, database_url=database_url)
    closed_shop.sender = sender
    async with asyncio.timeout(20):
        counts = await work(closed_shop, ExportLimits(report_every=timedelta(milliseconds=20)))
    assert (counts["made"], before) == (1, None)
    assert len(sender.seen) >= 4
    assert sender.seen[2].endswith("Строк: 0 примерно из 1. Файл придёт сюда сам.")
    assert visible(tapped.screen).startswith("✅")


@pytest.mark.parametrize(
    "failure",
    [UnavailableError("away"), RetryLaterError(timedelta(seconds=5)), UndecidedError("no answer")],
)
async def test_what_telegram_did_not_take_is_made_anew(
    closed_shop: BotUnderTest, skip: Skip, failure: Exception
) -> None:
    """P4: at least once, also where nobody knows whether it came."""
    olga = closed_shop.olga
    tapped = await ask(olga)
    closed_shop.sender.failure = failure
    await make_due_export(closed_shop.deps.db, ports(closed_shop))
    closed_shop.sender.failure = None
    assert "made" not in await work(closed_shop)  # not yet
    skip(timedelta(seconds=11))
    assert (await work(closed_shop))["made"] == 1
    assert len(documents(olga)) == 1
    assert visible(tapped.screen).startswith("✅")


async def test_what_telegram_refuses_is_said_with_the_other_way(closed_shop: BotUnderTest) -> None:
    tapped = await ask(closed_shop.olga)
    closed_shop.sender.failure = RefusedError("sendDocument: too <large>")
    await make_due_export(closed_shop.deps.db, ports(closed_shop))
    closed_shop.sender.failure = None
    await deliver_due_notifications(closed_shop.deps.db, ports(closed_shop), Lane.NOTIFICATION)
    said = visible(tapped.screen)
    assert "sendDocument: too <large>" in said
    assert "python main.py export users --out" in said
    assert (await export_row(closed_shop)).state is ExportState.FAILED


async def test_an_operator_who_blocked_the_bot_ends_it(closed_shop: BotUnderTest) -> None:
    await ask(closed_shop.olga)
    closed_shop.sender.failure = UnreachableError("blocked")
    await make_due_export(closed_shop.deps.db, ports(closed_shop))
    assert (await export_row(closed_shop)).state is ExportState.FAILED


async def test_the_next_term_takes_it_up_at_once(closed_shop: BotUnderTest) -> None:
    """P13: the instance was killed in the middle; no lease has run out."""
    db, olga = closed_shop.deps.db, closed_shop.olga
    await begin_term(db)
    await ask(olga)
    closed_shop.sender.failure = asyncio.CancelledError()  # type: ignore[assignment]
    with pytest.raises(asyncio.CancelledError):
        await make_due_export(db, ports(closed_shop))
    closed_shop.sender.failure = None
    assert "made" not in await work(closed_shop)
    await begin_term(db)
    assert (await work(closed_shop))["made"] == 1
    assert len(documents(olga)) == 1


async def test_what_never_comes_to_its_end_is_given_up(
    closed_shop: BotUnderTest, skip: Skip
) -> None:
    """Each time the process dies with it, as for want of memory."""
    tapped = await ask(closed_shop.olga)
    closed_shop.sender.failure = asyncio.CancelledError()  # type: ignore[assignment]
    for _ in range(6):
        with pytest.raises(asyncio.CancelledError):
            await make_due_export(closed_shop.deps.db, ports(closed_shop))
        skip(timedelta(seconds=100))
    closed_shop.sender.failure = None
    await work(closed_shop)
    assert "не получилось" in visible(tapped.screen)
    assert documents(closed_shop.olga) == []


async def test_an_erased_operators_request_is_gone(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    await ask(olga)
    await olga.send("/privacy")
    await olga.tap("erase")
    await olga.tap("erased")
    async with closed_shop.deps.db.read_only() as session:
        assert (await session.scalars(select(Export))).all() == []
