"""`python main.py extras`: what is sold beside the plans, as it is written at the command line."""

import pytest

from app.db.models import AuditEntry, Extra
from tests.support.command_line import command_line
from tests.support.stall import Stall


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    """Give what such a command needs: nothing but the database."""
    return {"DATABASE_URL": database_url}


async def extras(environ: dict[str, str], line: str) -> tuple[int, str]:
    said = await command_line(environ, f"extras {line}")
    return said.exit_code, said.out + said.error


async def test_extras_are_added_listed_priced_and_archived(
    stall: Stall, environ: dict[str, str]
) -> None:
    assert await extras(environ, "list") == (0, "nothing is sold beside the plans\n")
    assert await extras(environ, "add traffic 50 1.99") == (0, "50 GB for every plan is on sale\n")
    await extras(environ, "add devices 1 0.99 --plan standard")
    await extras(environ, "price traffic 50 2.49")
    await extras(environ, "archive devices 1 --plan standard")
    assert await extras(environ, "list") == (
        0,
        "50 GB for every plan: 2.49 USD\n1 device for standard: 0.99 USD for 30 days (archived)\n",
    )
    await extras(environ, "unarchive devices 1 --plan standard")
    assert {row.archived_at for row in await stall.rows(Extra)} == {None}
    actions = [row.action for row in await stall.rows(AuditEntry)]
    assert actions == [
        *["extra_added"] * 2,
        *("extra_price_set", "extra_archived", "extra_unarchived"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("add traffic 50 1.99", "shop:traffic:50 exists already"),
        ("add traffic 0 1.99", "from 1 to 100000"),
        ("add devices 101 1.99", "from 1 to 100"),
        ("add traffic 5 0", "above zero"),
        ("add traffic 5 -1", "above zero"),
        ("add traffic 5 free", "free"),
        ("add traffic 5 1.99 --currency ZZZ", "ZZZ"),
        ("add traffic 5 1.99 --plan nosuch", "there is no plan nosuch"),
        ("price traffic 51 1.99", "there is no shop:traffic:51"),
        ("archive devices 50", "there is no shop:devices:50"),
        ("add nonsense 5 1", "--help shows what there is"),
    ],
)
async def test_what_makes_no_sense_is_one_sentence_and_changes_nothing(
    stall: Stall, environ: dict[str, str], line: str, said: str
) -> None:
    await extras(environ, "add traffic 50 1.99")
    exit_code, sentence = await extras(environ, line)
    assert (exit_code, sentence.count("\n")) == (1, 1)
    assert said in sentence
    (row,) = await stall.rows(Extra)
    assert (row.price_minor, row.archived_at) == (199, None)
