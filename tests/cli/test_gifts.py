"""`python main.py gifts`: a batch as an operator makes, lists and withdraws it."""

from app.db.models import AuditEntry, Gift
from app.services.promotions.gift_redemption import redeem_gift
from tests.support.command_line import command_line
from tests.support.gifts import is_refused
from tests.support.stall import BEN, OLGA, Stall


async def gifts(database_url: str, line: str) -> tuple[int, list[str]]:
    said = await command_line({"DATABASE_URL": database_url}, f"gifts {line}")
    return said.exit_code, (said.out + said.error).splitlines()


async def test_a_batch_is_made_with_links_listed_and_withdrawn(
    stall: Stall, database_url: str
) -> None:
    """Nothing but DATABASE_URL is needed; no code is in the audit. Days are Moscow's."""
    make = "make fair --plan standard --months 3 --count 3 --until 2098-12-31 --bot @shop_bot"
    assert (await gifts(database_url, "list"))[1] == ["there are no batches"]
    code, lines = await gifts(database_url, make)
    first, second, third = [line.split(",") for line in lines]
    assert (code, first[1]) == (0, f"https://t.me/shop_bot?start=gift_{first[0]}")
    assert [gift.days for gift in await stall.rows(Gift)] == [90, 90, 90]

    await redeem_gift(stall.db, BEN, first[0])
    assert (await gifts(database_url, f"void fair {second[0]}"))[1] == [
        "1 of fair can't be redeemed any more"
    ]
    assert (await gifts(database_url, "list"))[1] == [
        "fair: plan standard, 90 days, redeemed 1 of 3, withdrawn 1, until 2098-12-31 21:00 UTC"
    ]
    listed = [line.split(",") for line in (await gifts(database_url, "list fair"))[1]]
    assert [(line[0], line[1].split()[0]) for line in listed] == [
        (first[0], "redeemed"),
        (second[0], "withdrawn"),
        (third[0], "waiting"),
    ]
    assert (await gifts(database_url, "void fair"))[1] == ["1 of fair can't be redeemed any more"]
    assert await is_refused(stall, OLGA, third[0]) == "gift"
    entries = await stall.rows(AuditEntry, AuditEntry.subject == "gift_batch:fair")
    assert [entry.action for entry in entries] == ["gifts_made", "gifts_voided", "gifts_voided"]
    assert not any(first[0] in str(entry.details) for entry in entries)


async def test_what_makes_no_sense_is_one_sentence(stall: Stall, database_url: str) -> None:
    assert (await gifts(database_url, "make fair --plan standard"))[0] == 0
    for line, sentence in {
        "make fair --plan standard": "there is a batch fair already: choose another name",
        "make b --plan gold": "there is no plan gold: there are standard, pro",
        "make b --plan standard --months 7": "the plan standard has no term of 7 months",
        "make b --plan standard --count 0": "--count must be from 1 to 10000",
        "make b --plan standard --until 2020-01-01": (
            "--until is in the past: nobody could redeem these gifts"
        ),
        f"make {'b' * 33} --plan standard": "a batch's name has 1 to 32 characters",
        "void b": "there is no batch b",
    }.items():
        assert await gifts(database_url, line) == (1, [sentence])
    assert len(await stall.rows(Gift)) == 1
