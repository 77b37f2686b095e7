"""`python main.py settings`: what the operator decides, with nothing but the database."""

import pytest

from app.db.models import ShopSetting
from app.services.shop_settings import read_shop_settings
from tests.support.command_line import command_line
from tests.support.stall import Stall


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url}


async def test_all_are_shown_or_one(stall: Stall, environ: dict[str, str]) -> None:
    everything = await command_line(environ, "settings")
    one = await command_line(environ, "settings awake_until_hour")
    assert (everything.exit_code, one.exit_code) == (0, 0)
    assert "trial_days = 3\n" in everything.out
    assert one.out == "awake_until_hour = 22\n"
    assert await stall.rows(ShopSetting) == []


async def test_one_is_changed_and_taken_back(stall: Stall, environ: dict[str, str]) -> None:
    changed = await command_line(environ, "settings awake_until_hour 21")
    assert (changed.exit_code, changed.out) == (0, "awake_until_hour = 21\n")
    assert (await read_shop_settings(stall.db)).awake_until_hour == 21
    back = await command_line(environ, "settings awake_until_hour --default")
    assert (back.exit_code, back.out) == (0, "awake_until_hour = 22\n")
    assert await stall.rows(ShopSetting) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("settings trial_day", "do you mean trial_days?"),
        ("settings colour red", "there is no setting colour"),
        ("settings colour", "there is no setting colour"),
        ("settings 'two\nlines'", "there is no setting two lines"),
        ("settings awake_until_hour 25", "awake_until_hour: must be at most 24"),
        (
            "settings reminder_hours 72,24",
            'reminder_hours: must be a list like [72, 24] or ["stars"], in one pair of quotes',
        ),
        ("settings reminder_hours [", "reminder_hours: must be a list like"),
        ("settings ways_off stars", "ways_off: must be a list like"),
        ("settings trial_enabled maybe", "trial_enabled: must be true or false"),
        ("settings least_confirmations 5", 'must be like {"eth": 12}, in one pair of quotes'),
        ('settings coins_from \'{"eth": "x"}\'', "coins_from: must be a number"),
        ("settings support_contact 5", "support_contact: must be a text"),
        ("settings bridge_state shut", "must be one of 'open', 'paused' or 'at_risk'"),
        ("settings --default", "--default takes the name"),
        ("settings trial_days 5 --default", "and no value"),
        ("settings trial_days 5 6", "unexpected extra argument"),
        ("settings trial_days -1", "trial_days: must be at least 1"),
        ("settings trial_days -NaN", "trial_days: must be a whole number"),
        ("settings grace_hours -.5", "grace_hours: must be a whole number"),
        ("settings correction_most_minor 99999999999999999999", "must be at most 1000000000"),
        ("settings news_channel --defualt", "no such option"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_one_sentence(
    stall: Stall, environ: dict[str, str], line: str, reason: str
) -> None:
    said = await command_line(environ, line)
    assert (said.exit_code, said.out, said.error.count("\n")) == (1, "", 1)
    assert reason in said.error
    assert await stall.rows(ShopSetting) == []
