"""`python main.py panel import`: what a panel has already becomes the shop's, and stays."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.core import clock
from app.core.fingerprints import Fingerprints
from app.core.panel_kinds import PanelKind
from app.db.models import AuditEntry, Panel, Purchase, Subscription, User
from app.domain.panel_accounts import AccountList
from app.domain.panel_imports import ImportRefusal
from app.domain.panels import PanelState
from app.domain.payments import PurchaseKind
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import deprovision_ended_subscriptions, end_expired_subscriptions
from app.services.access.panel_events import end_expired_account
from app.services.privacy.erasure import erase_user
from tests.support.barrier import barrier
from tests.support.command_line import command_line
from tests.support.panel_lists import KINDS, PanelSite, open_panel_site
from tests.support.panels import opens
from tests.support.stall import ANNA, Stall

BY_NAME = r"import default --pattern 'tg_(\d+)'"
DAYS_20 = timedelta(days=20)


@pytest.fixture(params=KINDS)
async def site(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[PanelSite]:
    async with open_panel_site(request.param, database_url) as site:
        yield site


async def list_links(site: PanelSite) -> dict[str, str]:
    assert isinstance(site.panel, AccountList)
    page = await site.panel.list_accounts()
    return {account.name: account.link or "" for account in page.accounts}


async def test_accounts_are_shown_first_and_taken_once(stall: Stall, site: PanelSite) -> None:
    """P2: by their names, on each kind of panel, and nothing is written there."""
    ends_at = clock.now().replace(microsecond=0) + DAYS_20
    for name in (f"tg_{ANNA}", "tg_5005", "Ivan"):
        site.stage.add_foreign(name, ends_at)
    before = site.stage.held()

    shown = await site.run(BY_NAME)

    lines = shown.out.splitlines()
    assert (shown.exit_code, lines[0]) == (0, "Ivan: nothing says its Telegram id: see --pattern")
    assert f"tg_5005: user 5005, until {ends_at:%Y-%m-%d %H:%M} UTC" in lines
    assert lines[-2:] == [
        "can take 2 accounts of 2 users; 0 are the shop's already, 1 can't be taken",
        "nothing was changed: --apply takes them",
    ]
    assert await stall.rows(Subscription) == []

    taken = await site.run(f"{BY_NAME} --plan standard --apply")
    again = await site.run(f"{BY_NAME} --plan standard --apply")

    assert taken.out.splitlines()[-1].startswith("took 2 accounts of 2 users; 0 are")
    assert again.out.splitlines()[-1].startswith("took 0 accounts of 0 users; 2 are")
    annas = await stall.subscription()
    assert (annas.panel_name, annas.activation_status) == (
        f"tg_{ANNA}",
        ActivationStatus.ACTIVE,
    )
    assert annas.expires_at == annas.ends_at == ends_at
    assert (annas.traffic_limit_bytes, annas.plan_id is not None) == (7, True)
    assert annas.link is not None
    assert await opens(annas.link)
    assert (await stall.subscription(5005)).link != annas.link
    (purchase,) = await stall.rows(Purchase, Purchase.user_id == 5005)
    assert (purchase.kind, purchase.price_minor) == (PurchaseKind.GIFT, 0)
    assert (purchase.days, purchase.covers_until) == (20, ends_at)
    assert purchase.delivered_at is not None
    (user,) = await stall.rows(User, User.id == 5005)
    assert user.had_access_at is not None
    assert [one.writes for one in site.stage.held()] == [one.writes for one in before]
    (entry,) = await stall.rows(AuditEntry, AuditEntry.action == "accounts_imported")
    assert (entry.subject, entry.details) == ("panel:default", {"count": 2})
    assert await stall.notified() == []


async def test_a_renewal_keeps_account_key_and_name_and_the_end_removes_it(
    stall: Stall, site: PanelSite
) -> None:
    """An imported account has its own name for good (decision 47 is for those that we make)."""
    site.stage.add_foreign(f"tg_{ANNA}", clock.now() + DAYS_20)
    await site.run(f"{BY_NAME} --apply")
    link = (await stall.subscription()).link
    assert link is not None

    await stall.buy_and_pay()
    counts = await provision_due_subscriptions(stall.db, site.panel)

    assert counts["delivered"] == 1
    renewed = await stall.subscription()
    (held,) = site.stage.held()
    assert abs(held.expires_at - renewed.ends_at) < timedelta(seconds=1)
    assert renewed.expires_at > clock.now() + DAYS_20 + timedelta(days=29)
    assert renewed.link == link
    assert await opens(link)
    assert list(await list_links(site)) == [f"tg_{ANNA}"]
    assert await stall.notified() == ["payment-received", "subscription-extended"]

    past = clock.now() - timedelta(minutes=1)
    await stall.change(renewed, expires_at=past, ends_at=past)
    await end_expired_subscriptions(stall.db)
    assert (await deprovision_ended_subscriptions(stall.db, site.panel))["removed"] == 1
    assert site.stage.held() == []

    # What is bought afterwards is an account of ours.
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, site.panel)
    assert list(await list_links(site)) == [f"u{ANNA}_{renewed.id}"]


@pytest.mark.parametrize("kind", ["remnawave", "3x-ui"])
async def test_without_a_pattern_the_panels_own_ids_count(
    stall: Stall, database_url: str, kind: PanelKind
) -> None:
    async with open_panel_site(kind, database_url) as site:
        for number in range(25):  # more than a page where each is asked about
            site.stage.add_foreign(f"old_{number}", clock.now() + DAYS_20)

        said = await site.run("import default --apply")

    assert said.out.splitlines()[-1].startswith("took 25 accounts of 1 user; 0 are")
    rows = await stall.rows(Subscription)
    assert {(row.user_id, row.plan_id) for row in rows} == {(5005, None)}
    assert len({row.link for row in rows}) == 25


@pytest.mark.parametrize("kind", ["3x-ui"])
async def test_what_cannot_be_taken_is_said_with_its_reason(
    database_url: str, kind: PanelKind
) -> None:
    async with open_panel_site(kind, database_url) as site:
        soon = clock.now() + DAYS_20
        for name in (
            "never",
            "over",
            "disabled",
            "waits",
            "tg_77",
            "tg_88",
            "U1001_7",
            "a?b",
            "\u202eevil",
        ):
            site.stage.add_foreign(name, soon)
        clients = site.stage.world.world.state.three_x_ui.clients
        clients["never"].order.expiryTime = 0
        clients["over"].order.expiryTime = 1000
        clients["disabled"].order.enable = False
        clients["waits"].order.expiryTime = -86_400_000
        for client in clients.values():
            client.order.tgId = 0 if client.order.email == "tg_88" else 5005
        clients["weird"] = clients["a?b"].model_copy(deep=True)
        clients["weird"].row_id, clients["weird"].order.email = 99, "a/b\n\x1b[2J"
        clients["tg_77"].order.tgId = 77

        said = await site.run("import default")

    assert set(said.out.splitlines()[:7]) == {
        "never: it never ends: give it an end on the panel",
        "over: it has ended",
        "disabled: it is disabled on the panel",
        "waits: its time begins with its first use: let it begin, or give it an end on the panel",
        "tg_88: nothing says its Telegram id: see --pattern",
        f"U1001_7: {ImportRefusal.OUR_NAME}",
        "a/b [2J: its name can't be called by: rename it on the panel",
    }
    assert said.out.splitlines()[-2].startswith("can take 3 accounts of 2 users; 0 are")


async def test_an_erased_user_is_not_brought_back_and_nothing_is_taken_twice(
    stall: Stall, database_url: str
) -> None:
    async with open_panel_site("remnawave", database_url) as site:
        site.stage.add_foreign("old", clock.now() + DAYS_20)
        await site.run("import default --apply")
        row = await stall.subscription(5005)
        await stall.change(row, activation_status=ActivationStatus.REMOVED, panel_name=None)
        again = await site.run("import default --apply")
        await stall.change(row, activation_status=ActivationStatus.ACTIVE, panel_name="old")

        await erase_user(stall.db, 5005, Fingerprints("42:TEST").compute(5005))
        (erased,) = await stall.rows(Subscription)
        assert erased.panel_name == "old"
        await deprovision_ended_subscriptions(stall.db, site.panel)
        assert site.stage.held() == []
        site.stage.add_foreign("another", clock.now() + DAYS_20)
        last = await site.run("import default --apply")

    assert again.out.splitlines()[0] == (
        "old: it was taken before, and its subscription has ended since"
    )
    assert last.out.splitlines()[0] == "another: its user has erased their data here"
    assert await stall.rows(User, User.id == 5005) == []


async def test_accounts_that_the_shop_has_made_are_its_own(stall: Stall, site: PanelSite) -> None:
    await stall.buy_and_pay()
    await provision_due_subscriptions(stall.db, site.panel)

    said = await site.run(r"import default --pattern 'u(\d+)_\d+' --apply")

    assert said.out.splitlines() == [
        "took 0 accounts of 0 users; 1 are the shop's already, 0 can't be taken"
    ]


async def test_a_panel_that_breaks_off_is_one_sentence_and_goes_on_later(
    stall: Stall, database_url: str
) -> None:
    async with open_panel_site("remnawave", database_url) as site:
        site.stage.add_foreign("old", clock.now() + DAYS_20)
        site.stage.world.world.state.knobs.panel = "down"
        said = await site.run("import default --apply")
        site.stage.world.world.state.knobs.panel = "ok"
        later = await site.run("import default --apply")

    assert said.exit_code == 1
    assert said.error.endswith(
        "stopped after 0 accounts; what was taken stays taken. Run it again\n"
    )
    assert "took 1 account of 1 user;" in later.out
    assert len(await stall.rows(Subscription)) == 1


async def test_what_makes_no_sense_is_one_sentence(stall: Stall, database_url: str) -> None:
    async with open_panel_site("marzban", database_url) as site:
        for line, sentence in {
            "import berlin": "there is no panel berlin: there is default",
            "import default --pattern 'tg_'": (
                r"--pattern: the pattern needs a group for the Telegram id, as in tg_(\d+)"
            ),
            "import default --pattern '('": (
                "--pattern: no pattern: missing ), unterminated subpattern at position 0"
            ),
            "import default --plan gold": "there is no plan gold: `plans list` shows them",
        }.items():
            said = await site.run(line)
            assert (said.exit_code, said.error.strip()) == (1, sentence)
        bare = {name: value for name, value in site.environ.items() if "VPN" not in name}
    said = await command_line(bare, "panel import default")
    assert said.error == "there is no panel default: VPN_API_URL is not set\n"
    assert await stall.rows(Subscription) == []


async def test_a_panel_of_a_row_is_imported_by_its_name(stall: Stall, database_url: str) -> None:
    """What it holds is asked of it from then on, and not of the environment's."""
    async with open_panel_site("remnawave", database_url) as site:
        site.stage.add_foreign("old", clock.now() + DAYS_20)
        environ, url = site.environ, site.environ["VPN_API_URL"]
        async with stall.db.unit_of_work() as session:
            for name, state in (("berlin", PanelState.OPEN), ("paris", PanelState.RETIRED)):
                row = Panel(name=name, kind="remnawave", url=url, created_at=clock.now())
                row.key_variable, row.state = f"VPN_{name.upper()}_KEY", state
                session.add(row)

        without_key = await site.run("import berlin --apply")
        environ["VPN_BERLIN_KEY"] = environ["VPN_API_KEY"]
        taken = await site.run("import berlin --apply")
        again = await site.run("import berlin --apply")
        retired, unknown = await site.run("import paris"), await site.run("import rome")

    sentence = "panel berlin: VPN_BERLIN_KEY is not set in the service's environment"
    assert without_key.error.strip() == sentence
    assert "took 1 account of 1 user;" in taken.out
    assert again.out.startswith("took 0 accounts of 0 users; 1 are")
    (row,) = await stall.rows(Panel, Panel.name == "berlin")
    assert (await stall.subscription(5005)).panel_id == row.id
    assert "paris is retired" in retired.error
    assert unknown.error.strip() == ("there is no panel rome: there are default, berlin, paris")


async def test_an_end_that_the_panel_reports_is_found_by_its_own_name(
    stall: Stall, database_url: str
) -> None:
    """Remnawave's webhook."""
    async with open_panel_site("remnawave", database_url) as site:
        site.stage.add_foreign("old", clock.now() + DAYS_20)
        await site.run("import default --apply")
    row = await stall.subscription(5005)
    stall.wakes.clear()
    await end_expired_account(stall.db, "old")
    assert stall.wakes == []

    past = clock.now() - timedelta(minutes=1)
    await stall.change(row, expires_at=past, ends_at=past)
    await end_expired_account(stall.db, "other")
    assert stall.wakes == []
    await end_expired_account(stall.db, "old")
    assert stall.wakes == ["fast_expiry_cleanup"]


@pytest.mark.parametrize("kind", ["remnawave", "marzban"])
@pytest.mark.parametrize("at_commit", [False, True])
async def test_a_kill_between_two_pages_takes_each_account_once(
    stall: Stall, database_url: str, kind: PanelKind, *, at_commit: bool
) -> None:
    """P2: the page is there or not, and the next run goes on."""
    async with open_panel_site(kind, database_url) as site:
        for number in range(site.stage.page_size + 50):
            site.stage.add_foreign(f"tg_{1001 + number}", clock.now() + DAYS_20)
        before = site.stage.held()
        words = ["main.py", "panel", "import", "default", "--pattern", r"tg_(\d+)", "--apply"]
        second = "NEW.action = 'accounts_imported' AND NEW.details->>'count' = '50'"
        async with barrier(database_url, "INSERT ON audit", second, at_commit=at_commit) as stop:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *words, env=site.environ, stdout=asyncio.subprocess.DEVNULL
            )
            await stop.wait_reached()
            process.send_signal(signal.SIGKILL)
            await process.wait()

        said = await site.run(f"{BY_NAME} --apply")  # it waits for what the first has sent

        left = 0 if at_commit else 50
        assert said.out.splitlines()[-1].startswith(f"took {left} accounts of {left} users; ")
        names = [row.panel_name for row in await stall.rows(Subscription)]
        assert len(names) == len(set(names)) == site.stage.page_size + 50
        assert [one.writes for one in site.stage.held()] == [one.writes for one in before]
