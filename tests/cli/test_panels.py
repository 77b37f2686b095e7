"""`python main.py panels`: the shop's panels, changed while it runs."""

import asyncio

import pytest

from app.db.models import AuditEntry, Panel, PanelMove, Plan
from app.domain.panels import PanelState
from app.services.access.activation import provision_due_subscriptions
from app.services.operations.panel_moves import continue_panel_moves
from tests.support.command_line import command_line
from tests.support.eventually import eventually
from tests.support.stall import BEN, Stall

ADD = "add nl1 --kind remnawave --url https://nl1.example --key-variable VPN_NL1_KEY"


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    """Give what such a command needs: nothing but the database."""
    return {"DATABASE_URL": database_url}


async def run(environ: dict[str, str], line: str) -> tuple[int, str]:
    said = await command_line(environ, line)
    return said.exit_code, said.out + said.error


async def panels(environ: dict[str, str], line: str) -> tuple[int, str]:
    return await run(environ, f"panels {line}")


async def test_a_shop_has_one_without_a_row(stall: Stall, environ: dict[str, str]) -> None:
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)

    assert await panels(environ, "list") == (
        0,
        "default: open, as VPN_API_URL says, 1 subscription\n",
    )
    assert await stall.rows(Panel) == []


async def test_one_is_added_with_what_a_plan_and_the_way_to_it_need(
    stall: Stall, environ: dict[str, str]
) -> None:
    exit_code, said = await panels(
        environ | {"VPN_NL1_KEY": "key", "VPN_NL1_COOKIES": "a=b"},
        f"{ADD} --cookies-variable VPN_NL1_COOKIES --groups 'Default, Premium' --group eu"
        " --capacity 500 --link-base https://sub.example",
    )

    assert (exit_code, said) == (
        0,
        "nl1 is open for new subscriptions; python main.py doctor tries it\n",
    )
    default, row = await stall.rows(Panel)
    assert default.name == "default"
    assert row.description is not None
    assert row.description.access_groups == ("Default", "Premium")
    assert row.description.cookies_variable == "VPN_NL1_COOKIES"
    assert (row.panel_group, row.capacity, row.state) == ("eu", 500, PanelState.OPEN)
    (entry,) = await stall.rows(AuditEntry)
    assert (entry.actor, entry.action, entry.subject) == ("operator", "panel_added", "panel:nl1")
    assert entry.details["key_variable"] == "VPN_NL1_KEY"
    assert (await panels(environ, "list"))[1].splitlines() == [
        "default: open, as VPN_API_URL says, 0 subscriptions",
        "nl1: open, remnawave, group eu, 0 subscriptions of 500",
    ]


async def test_a_variable_that_is_not_set_is_named(environ: dict[str, str]) -> None:
    exit_code, said = await panels(environ, ADD)

    assert exit_code == 0
    assert "VPN_NL1_KEY is not set here" in said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (ADD.replace("nl1 ", "NL_1 "), "small Latin letters"),
        (ADD.replace("nl1 ", "default "), "is not default or panel"),
        (ADD.replace("VPN_NL1_KEY", "BOT_TOKEN"), "begins with VPN_"),
        (ADD.replace("VPN_NL1_KEY", "eyJhbGciOiJIUzI1NiJ9"), "begins with VPN_"),
        (ADD.replace("https://", "ftp://"), "--url must be an address"),
        (ADD.replace("https://", "https://name:word@"), "--url must hold no password"),
        (ADD.replace(" --key-variable VPN_NL1_KEY", ""), "needs --kind, --url and --key-variable"),
        (f"{ADD} --ca-variable VPN_NL1_KEY", "ends with _CA, like VPN_NL1_CA"),
        (f"{ADD} --capacity -1", "--capacity must be from 0"),
        (f"{ADD} --group Europe!", "a group's name has"),
        ("edit nl9 --capacity 5", "there is no panel nl9: there are default"),
        ("edit default", "say what to change"),
        ("edit default --url https://a.example", "the environment describes the default panel"),
        ("retire default --yes", "the default panel cannot be retired"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_one_sentence(
    environ: dict[str, str], stall: Stall, line: str, reason: str
) -> None:
    exit_code, said = await panels(environ, line)

    assert exit_code == 1
    assert reason in said
    assert len(said.splitlines()) == 1
    assert await stall.rows(Panel) == []


async def test_a_name_is_taken_once(environ: dict[str, str]) -> None:
    assert (await panels(environ, ADD))[0] == 0
    assert (await panels(environ, ADD)) == (1, "there is a panel nl1 already\n")


async def test_one_is_edited_closed_opened_and_retired(
    stall: Stall, environ: dict[str, str]
) -> None:
    await panels(environ, f"{ADD} --capacity 500 --group eu")

    assert (await panels(environ, "edit nl1 --capacity 0 --group ''"))[0] == 0
    _, row = await stall.rows(Panel)
    assert (row.capacity, row.panel_group, row.key_variable) == (None, None, "VPN_NL1_KEY")
    for word, state in (("close", "closed"), ("open", "open"), ("retire", "retired")):
        flag = " --yes" if word == "retire" else ""
        assert (await panels(environ, f"{word} nl1{flag}")) == (0, f"nl1 is {state}\n")
    assert (await panels(environ, "close default"))[0] == 0
    assert [one.state for one in await stall.rows(Panel)] == ["closed", "retired"]
    actions = [entry.action for entry in await stall.rows(AuditEntry)]
    assert actions[1:] == [
        "panel_changed",
        "panel_closed",
        "panel_open",
        "panel_retired",
        "panel_closed",
    ]


async def test_a_plan_names_its_panels(stall: Stall, environ: dict[str, str]) -> None:
    assert await run(environ, "plans panel standard --panel eu") == (
        1,
        "there is no panel and no group eu: there are none has a row (python main.py panels add)\n",
    )
    await panels(environ, f"{ADD} --group eu")

    assert await run(environ, "plans panel standard --panel eu --groups 'Premium'") == (
        0,
        "standard: on eu, in Premium\n",
    )
    (plan,) = await stall.rows(Plan, Plan.code == "standard")
    assert (plan.panel_group, plan.access_groups) == ("eu", ["Premium"])
    await stall.buy_and_pay(BEN)
    await provision_due_subscriptions(stall.db, stall.panel)
    _, row = await stall.rows(Panel)
    assert (await stall.subscription(BEN)).panel_id == row.id
    assert "  on eu, in Premium" in (await run(environ, "plans list"))[1]
    assert await run(environ, "plans panel standard --panel ''") == (
        0,
        "standard: on any panel, in Premium\n",
    )


async def test_one_subscription_and_all_of_a_panel_are_moved(
    stall: Stall, environ: dict[str, str]
) -> None:
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, stall.panel)
    row = await stall.subscription()
    assert await panels(environ, f"move-one {row.id}") == (
        1,
        "no panel for it is up and has room (full)\n",
    )
    await panels(environ, ADD)

    assert await panels(environ, f"move-one {row.id}") == (0, f"{row.id} moves to nl1\n")
    assert (await stall.subscription()).next_panel_id is not None
    assert (await panels(environ, f"move-one {row.id}"))[1].startswith("it is being moved")
    assert await panels(environ, "move default --no-wait") == (
        0,
        "default is being moved: panels list shows what is left\n",
    )
    assert (await panels(environ, "list"))[1].splitlines()[0].startswith("default: closed")
    assert (await panels(environ, "move default"))[0] == 1


async def test_the_command_shows_how_far_a_move_is_until_it_ends(
    stall: Stall, environ: dict[str, str]
) -> None:
    """Of a panel with nothing on it."""
    await panels(environ, ADD)
    showing = asyncio.ensure_future(panels(environ, "move nl1"))

    async def is_begun() -> bool:
        return bool(await stall.rows(PanelMove))

    await eventually(is_begun)
    await continue_panel_moves(stall.db)

    exit_code, said = await showing
    assert exit_code == 0
    assert said.splitlines()[-1] == "moved: 0 subscriptions left"
