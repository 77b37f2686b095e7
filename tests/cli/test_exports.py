"""`python main.py export`: a table as a file, with nothing but the database."""

import csv
import io
from pathlib import Path

import pytest

from app.db.models import AuditEntry
from tests.support.command_line import command_line
from tests.support.stall import Stall


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url}


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_table_is_a_file_of_its_own(
    stall: Stall, environ: dict[str, str], tmp_path: Path
) -> None:
    """It is in the audit, because it shows the data of all."""
    file = tmp_path / "users.csv"
    said = await command_line(environ, f"export users --out {file}")
    assert (said.exit_code, said.out, said.error) == (0, f"{file}: 3 rows\n", "")
    assert file.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(io.StringIO(file.read_text(), newline="")))
    assert [(row["id"], row["first_name"]) for row in rows] == [
        ("1001", "Anna"),
        ("1002", "Ben"),
        ("1003", "Olga"),
    ]
    entries = await stall.rows(AuditEntry)
    assert [(entry.actor, entry.action, entry.subject) for entry in entries] == [
        ("operator", "export_started", "export:users")
    ]
    assert names(tmp_path) == ["users.csv"]


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("users", "id,first_name,username,"),
        ("payments", "id,user_id,kind,status,plan,"),
        ("ledger", "id,created_at,user_id,kind,amount,currency,"),
        ("subscriptions", "id,user_id,plan,is_trial,"),
        ("promo", "id,created_at,user_id,code,kind,"),
        ("audit", "id,created_at,actor,action,subject,details\r\n"),
    ],
)
@pytest.mark.usefixtures("stall")
async def test_each_kind_goes_to_the_standard_output(
    environ: dict[str, str], capsysbinary: pytest.CaptureFixture[bytes], kind: str, head: str
) -> None:
    said = await command_line(environ, f"export {kind} --out - --bom")
    assert (said.exit_code, said.out, said.error) == (0, "", "")
    assert capsysbinary.readouterr().out.startswith(b"\xef\xbb\xbf" + head.encode())


async def test_what_makes_no_sense_is_refused_in_one_sentence(
    stall: Stall, environ: dict[str, str], tmp_path: Path
) -> None:
    there = tmp_path / "there.csv"
    there.write_text("kept")
    for line, sentence in {
        "keys --out -": "invalid value for 'kind'",
        "users": "missing option '--out'",
        f"users --out {there}": "is there already: name another file",
        f"users --out {tmp_path}/none/users.csv": "cannot be written: No such file or directory",
    }.items():
        said = await command_line(environ, f"export {line}")
        assert (said.exit_code, said.out, said.error.count("\n")) == (1, "", 1)
        assert sentence in said.error
    assert there.read_text() == "kept"
    assert await stall.rows(AuditEntry) == []
