"""The shop's tables as CSV files: what they hold, how large they are, and what they cost."""

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.money import Money
from app.db.models import User
from app.domain.exports import ExportKind
from app.services.operations.corrections import correct_balance
from app.services.operations.exports.csv_parts import CsvParts, to_cell
from app.services.operations.exports.tables import (
    count_export_rows,
    list_export_columns,
    stream_export_rows,
)
from app.services.operations.exports.writing import ExportFileError, ExportProgress, write_export
from app.services.promotions.promo_code_entry import apply_promo_code
from tests.support.command_line import command_line
from tests.support.stall import ANNA, OLGA, Stall

MANY_USERS = text(
    "INSERT INTO users (id, language, first_name, created_at, referral_code)"
    " SELECT 500000 + n, 'en', 'User ' || n, '2026-01-01', 'code-' || n"
    " FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n"
)

Records = list[dict[str, str]]


async def write(
    stall: Stall,
    kind: ExportKind,
    folder: Path,
    *,
    with_bom: bool = False,
    max_bytes: int | None = None,
) -> list[Path]:
    progress = ExportProgress()
    with CsvParts(
        lambda number: (folder / f"{kind}-{number}.csv").open("wb"),
        list_export_columns(kind),
        with_bom=with_bom,
        max_bytes=max_bytes,
    ) as parts:
        await write_export(stall.db, kind, parts, progress)
    async with stall.db.read_only() as session:
        assert progress.rows == await count_export_rows(session, kind)
    return [folder / f"{kind}-{number}.csv" for number in range(1, len(parts.files) + 1)]


def read(path: Path) -> Records:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def read_all(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.iterdir())


async def export(stall: Stall, kind: ExportKind, folder: Path) -> Records:
    (path,) = await write(stall, kind, folder)
    return read(path)


async def add_users(stall: Stall, first: int, last: int) -> None:
    async with stall.db.unit_of_work() as session:
        await session.execute(MANY_USERS, {"first": first, "last": last})


HOSTILE = [
    '=HYPERLINK("https://evil.example","click")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
]


@pytest.mark.parametrize("reason", HOSTILE)
async def test_a_text_is_no_formula(stall: Stall, tmp_path: Path, reason: str) -> None:
    """Numbers of our own stay numbers, also below zero."""
    await correct_balance(stall.db, OLGA, 1, ANNA, Money(900, "USD"), "a gift")
    await correct_balance(stall.db, OLGA, 2, ANNA, Money(-550, "USD"), reason)
    _, entry = await export(stall, ExportKind.LEDGER, tmp_path)
    assert (entry["amount"], entry["currency"]) == ("-5.50", "USD")
    assert entry["reason"] == f"'{reason}"


@pytest.mark.parametrize(
    "name", ['a "quoted", name', "Анна; Иванова", "Ann\u202ea", "' OR 1", "😀"]
)
async def test_any_name_stays_one_cell(stall: Stall, tmp_path: Path, name: str) -> None:
    (before,) = await stall.rows(User, User.id == ANNA)
    await stall.change(before, first_name=name)
    (kept,) = await stall.rows(User, User.id == ANNA)
    seen = kept.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = await export(stall, ExportKind.USERS, tmp_path)
    assert len(rows) == 3
    assert rows[0] == {
        "id": "1001",
        "first_name": kept.first_name,
        "username": "",
        "username_seen_at": seen,
        "language": "ru",
        "created_at": seen,
        "referrer_id": "",
        "had_access_at": "",
        "unreachable_at": "",
    }


@pytest.mark.parametrize("text", ["a\r\nb", 'x","y', "два\nряда", "\u2028", ",,,", '"'])
async def test_lines_and_quotes_inside_a_text_survive(
    stall: Stall, tmp_path: Path, text: str
) -> None:
    await correct_balance(stall.db, OLGA, 1, ANNA, Money(100, "USD"), text)
    (entry,) = await export(stall, ExportKind.LEDGER, tmp_path)
    assert entry["reason"] == text


async def test_each_kind_holds_what_happened_and_no_key(
    stall: Stall, tmp_path: Path, database_url: str
) -> None:
    """P9, P12: amounts as decimal text; neither keys nor pages' addresses."""
    await command_line({"DATABASE_URL": database_url}, "promo add SALE percent 20")
    order = await stall.order()
    await apply_promo_code(stall.db, ANNA, order.id, "SALE")
    purchase = await stall.pay(order)
    await stall.settle(stall.provider.pay(purchase.invoice_id))
    subscription = await stall.subscription()
    await stall.change(subscription, link="https://panel.example/key", activation_status="active")

    (payment,) = await export(stall, ExportKind.PAYMENTS, tmp_path)
    expected = {
        "id": str(order.id),
        "user_id": "1001",
        "kind": "plan",
        "status": "paid",
        "plan": "standard",
        "months": "1",
        "is_gift": "false",
        "extra": "",
        "price": "4.99",
        "discount": "1.00",
        "credit": "0.00",
        "currency": "USD",
        "charge": "3.99",
        "charge_currency": "USD",
        "provider": "cryptobot",
        "refunded_at": "",
    }
    assert {name: payment[name] for name in expected} == expected
    entries = await export(stall, ExportKind.LEDGER, tmp_path)
    assert [(entry["kind"], entry["amount"]) for entry in entries] == [
        ("payment", "3.99"),
        ("sale", "-3.99"),
    ]
    (sold,) = await export(stall, ExportKind.SUBSCRIPTIONS, tmp_path)
    assert (sold["plan"], sold["activation_status"]) == ("standard", "active")
    assert sold["is_trial"] == "false"
    (use,) = await export(stall, ExportKind.PROMO, tmp_path)
    assert (use["code"], use["purchase_status"], use["discount"]) == ("SALE", "paid", "1.00")
    actions = [entry["action"] for entry in await export(stall, ExportKind.AUDIT, tmp_path)]
    assert "promo_code_added" in actions
    whole = read_all(tmp_path)
    assert "panel.example" not in whole
    assert subscription.page_token is not None
    assert subscription.page_token not in whole


def test_only_texts_are_changed() -> None:
    values = (None, -7, True, Money(-1, "USDT"), {"a": "=1"})
    assert [to_cell(value) for value in values] == [
        "",
        "-7",
        "true",
        "-0.000001",
        '{"a": "=1"}',
    ]


@pytest.mark.parametrize(
    ("with_bom", "first"), [(True, b"\xef\xbb\xbfid,created_at"), (False, b"id,created_at")]
)
async def test_a_bom_is_there_where_it_was_asked_for(
    stall: Stall, tmp_path: Path, *, with_bom: bool, first: bytes
) -> None:
    """Nothing has happened yet: the header is the file."""
    (path,) = await write(stall, ExportKind.LEDGER, tmp_path, with_bom=with_bom)
    assert path.read_bytes().startswith(first)
    assert path.read_bytes().endswith(b",purchase_id,reason\r\n")


async def test_parts_stay_below_their_size_and_hold_each_row_once(
    stall: Stall, tmp_path: Path
) -> None:
    await add_users(stall, 1, 2500)
    paths = await write(stall, ExportKind.USERS, tmp_path, with_bom=True, max_bytes=20_000)
    assert len(paths) == 6
    assert max(path.stat().st_size for path in paths) <= 20_000
    heads = {path.read_bytes().partition(b"\r\n")[0] for path in paths}
    assert len(heads) == 1
    assert heads.pop().startswith(b"\xef\xbb\xbfid,first_name,")
    ids = [int(row["\ufeffid"]) for path in paths for row in read(path)]
    assert ids == [1001, 1002, 1003, *range(500_001, 502_501)]


async def test_a_hundred_thousand_rows_are_never_in_memory_together(
    stall: Stall, tmp_path: Path
) -> None:
    """Ten times as many rows need some garbage more at once, and no tenth of what they are."""
    peaks: list[int] = []
    for first, last in ((1, 9_997), (9_998, 99_997)):
        await add_users(stall, first, last)
        tracemalloc.start()
        (path,) = await write(stall, ExportKind.USERS, tmp_path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert path.read_bytes().count(b"\r\n") == 100_001
    async with stall.db.unit_of_work() as session:
        tracemalloc.start()
        batches = [batch async for batch in stream_export_rows(session, ExportKind.USERS)]
        all_at_once = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    assert [len(batch) for batch in batches] == [1000] * 100
    assert peaks[1] - peaks[0] < all_at_once / 10


async def test_all_rows_are_of_one_moment(stall: Stall) -> None:
    """What is committed meanwhile is in the next export."""
    await add_users(stall, 1, 5000)
    seen = 0
    async with stall.db.unit_of_work() as session:
        async for batch in stream_export_rows(session, ExportKind.USERS):
            if not seen:
                await add_users(stall, 5001, 6000)
            seen += len(batch)
    assert seen == 5003


async def test_a_disk_that_refuses_is_a_sentence(stall: Stall) -> None:
    with (
        CsvParts(lambda _: Path("/dev/full").open("wb"), ["id"], with_bom=False) as parts,
        pytest.raises(ExportFileError, match="No space left on device"),
    ):
        await write_export(stall.db, ExportKind.USERS, parts, ExportProgress())
