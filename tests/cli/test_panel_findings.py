"""`python main.py panel drift` and `panel repair`: what differs, and mended only where asked."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from app.core import clock
from app.core.panel_kinds import PanelKind
from app.db.models import AuditEntry, PanelFinding, Subscription
from app.domain.finding_kinds import FindingKind
from app.domain.subscriptions import ActivationStatus
from app.services.access.activation import provision_due_subscriptions
from app.services.access.expiry import deprovision_ended_subscriptions
from tests.support.barrier import barrier
from tests.support.command_line import command_line
from tests.support.locks import overlap
from tests.support.panel_lists import KINDS, Drift, PanelSite, open_panel_site
from tests.support.panels import opens
from tests.support.stall import ANNA, BEN, OLGA, Stall

DAY = timedelta(days=1)


@pytest.fixture(params=KINDS)
async def site(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[PanelSite]:
    async with open_panel_site(request.param, database_url) as site:
        yield site


async def sell(stall: Stall, site: PanelSite, user_id: int = ANNA) -> Subscription:
    await stall.buy_and_pay(user_id)
    await provision_due_subscriptions(stall.db, site.panel)
    return await stall.subscription(user_id)


async def find(stall: Stall, kind: str) -> PanelFinding:
    (row,) = await stall.rows(PanelFinding, PanelFinding.kind == FindingKind(kind))
    return row


async def run_workers(stall: Stall, site: PanelSite) -> None:
    await provision_due_subscriptions(stall.db, site.panel)
    await deprovision_ended_subscriptions(stall.db, site.panel)


async def test_a_wrong_end_is_shown_with_its_repair_and_set(stall: Stall, site: PanelSite) -> None:
    row = await sell(stall, site)
    later = row.ends_at + DAY
    await stall.change(row, ends_at=later, expires_at=later)
    drift = Drift(stall, site.panel)
    await drift.compare()

    shown = (await site.run("drift")).out.splitlines()
    id_ = (await find(stall, "wrong_expiry")).id
    assert shown[0].startswith(f"{id_} default wrong_expiry: u{ANNA}_{row.id}, user {ANNA}, there ")
    assert f"here {later:%Y-%m-%d %H:%M} UTC" in shown[0]
    assert shown[0].endswith(f"; `panel repair {id_}` sets the shop's end")
    assert re.fullmatch(r"default: compared .* UTC, 1 account, next .* UTC", shown[1])
    assert shown[2:] == ["1 finding: 1 wrong_expiry"]

    assert (await site.run(f"repair {id_}")).out == (
        f"{id_}: it gets the shop's end within a minute\n"
    )
    await run_workers(stall, site)

    (held,) = site.stage.held()
    assert abs(held.expires_at - later) < timedelta(seconds=1)
    assert (await stall.subscription()).link == row.link
    assert await drift.compare() == {"compared": 1, "found": 0}
    assert (await site.run("drift default")).out.splitlines()[-1] == "no findings"
    (entry,) = await stall.rows(AuditEntry, AuditEntry.action == "panel_finding_repaired")
    assert (entry.actor, entry.subject) == ("operator", f"finding:{id_}")
    again = await site.run(f"repair {id_}")
    assert again.error == f"there is no open finding {id_}: see panel drift\n"


async def test_what_is_missing_is_made_anew_with_its_key_where_the_panel_can_do_so(
    stall: Stall, site: PanelSite
) -> None:
    """Where it can't, the user gets the new one."""
    row = await sell(stall, site)
    site.stage.remove_first()
    drift = Drift(stall, site.panel)
    await drift.compare()
    id_ = (await find(stall, "missing")).id

    said = await site.run(f"repair {id_}")
    await run_workers(stall, site)

    assert said.exit_code == 0
    (held,) = site.stage.held()
    assert held.is_on
    assert abs(held.expires_at - row.ends_at) < timedelta(seconds=1)
    link = (await stall.subscription()).link
    assert link is not None
    assert await opens(link)
    keeps_key = site.kind in {"xray_api", "remnawave", "3x-ui"}
    assert (link == row.link) == keeps_key
    assert (await stall.notified()).count("new-key") == (not keeps_key)
    assert await drift.compare() == {"compared": 1, "found": 0}


async def test_an_answer_that_is_lost_while_it_is_made_anew_leaves_no_dead_key(
    stall: Stall, site: PanelSite
) -> None:
    """P2: the account is there at the next try, and the link from before may be dead."""
    row = await sell(stall, site)
    site.stage.remove_first()
    await stall.change(row, activation_status=ActivationStatus.PENDING, due_at=clock.now())
    knobs = site.stage.world.world.state.knobs

    knobs.panel_fault = "lost_answer"
    await run_workers(stall, site)
    assert len(site.stage.held()) == 1
    knobs.panel_fault = "ok"
    await stall.change(row, due_at=clock.now())
    await run_workers(stall, site)

    after = await stall.subscription()
    assert after.link is not None
    assert await opens(after.link)
    assert len(site.stage.held()) == 1
    assert (await stall.notified()).count("new-key") == (after.link != row.link)
    assert after.activation_status is ActivationStatus.ACTIVE
    assert (await Drift(stall, site.panel).compare())["found"] == 0


async def test_what_is_left_over_is_removed_and_what_others_made_is_not(
    stall: Stall, site: PanelSite
) -> None:
    site.stage.add_foreign("Ivan", clock.now() + DAY)
    site.stage.add_foreign("u1001_9999", clock.now() + DAY)
    drift = Drift(stall, site.panel)
    await drift.compare()

    removed = await site.run("repair --all orphan")
    foreign = await site.run(f"repair {(await find(stall, 'foreign')).id}")
    await run_workers(stall, site)

    assert removed.out.endswith(": it is removed\n")
    assert len(site.stage.held()) == 1
    assert "default has it from others" in foreign.error
    await drift.compare()
    assert await drift.list_open() == [("foreign", "Ivan")]


@pytest.mark.parametrize("kind", ["remnawave", "marzban"])
async def test_an_account_whose_subscription_has_ended_is_removed_by_it(
    stall: Stall, database_url: str, kind: PanelKind
) -> None:
    """What is bought at the same moment is not removed with it."""
    async with open_panel_site(kind, database_url) as site:
        row = await sell(stall, site)
        await stall.change(row, activation_status=ActivationStatus.REMOVED, link=None)
        drift = Drift(stall, site.panel)
        await drift.compare()
        id_ = (await find(stall, "orphan")).id

        await site.run(f"repair {id_}")
        assert (await stall.subscription()).activation_status is ActivationStatus.REMOVAL_PENDING
        assert len(site.stage.held()) == 1
        await stall.buy_and_pay()
        await run_workers(stall, site)
        (held,) = site.stage.held()
        assert held.is_on

        bought = await stall.subscription()
        assert bought.link is not None
        assert await opens(bought.link)
        assert await drift.compare() == {"compared": 1, "found": 0}


@pytest.mark.parametrize("kind", ["remnawave", "3x-ui", "pasarguard", "marzban"])
async def test_what_was_disabled_works_again(
    stall: Stall, database_url: str, kind: PanelKind
) -> None:
    async with open_panel_site(kind, database_url) as site:
        row = await sell(stall, site)
        site.stage.bring_into("disabled")
        await Drift(stall, site.panel).compare()

        said = await site.run("repair --all disabled --panel default")
        await run_workers(stall, site)

        assert said.out.endswith(": it is enabled within a minute\n")
        assert site.stage.held()[0].is_on
        assert await opens(row.link or "")


@pytest.mark.parametrize("kind", ["remnawave"])
async def test_what_has_changed_since_is_refused_and_keeps_no_other_waiting(
    stall: Stall, database_url: str, kind: PanelKind
) -> None:
    async with open_panel_site(kind, database_url) as site:
        annas, bens = await sell(stall, site), await sell(stall, site, BEN)
        for row in (annas, bens):
            later = row.ends_at + DAY
            await stall.change(row, ends_at=later, expires_at=later)
        await Drift(stall, site.panel).compare()
        await stall.change(annas, activation_status=ActivationStatus.REMOVED)

        said = await site.run("repair --all wrong_expiry")

    assert said.exit_code == 0
    assert re.findall(
        r"^\d+: it gets|^the subscription (\d+) has changed since", said.out, re.MULTILINE
    )
    assert f"the subscription {annas.id} has changed since" in said.out
    assert (await stall.subscription(BEN)).activation_status is ActivationStatus.PENDING
    assert await stall.notified(OLGA) == ["operator-panel-drift"]


@pytest.mark.parametrize("kind", ["remnawave"])
async def test_a_renewal_at_the_same_moment_keeps_what_it_bought(
    stall: Stall, database_url: str, kind: PanelKind
) -> None:
    """Two units of work on one subscription: neither takes back what the other did."""
    async with open_panel_site(kind, database_url) as site:
        row = await sell(stall, site)
        await stall.change(row, access_id=uuid4(), panel_name="lost")
        await Drift(stall, site.panel).compare()
        id_ = (await find(stall, "missing")).id
        query = f"SELECT FROM subscriptions WHERE id = {row.id} FOR UPDATE"

        results = await overlap(database_url, query, stall.buy_and_pay(), site.run(f"repair {id_}"))
        await run_workers(stall, site)

        assert not [one for one in results if isinstance(one, BaseException)]
        renewed = await stall.subscription()
        assert renewed.expires_at - row.expires_at == timedelta(days=30)
        assert any(
            abs(held.expires_at - renewed.ends_at) < timedelta(seconds=1)
            for held in site.stage.held()
        )


@pytest.mark.parametrize("kind", ["remnawave", "marzban"])
@pytest.mark.parametrize("at_commit", [False, True])
async def test_a_repair_that_is_killed_can_be_asked_again(
    stall: Stall, database_url: str, kind: PanelKind, *, at_commit: bool
) -> None:
    """P2: the panel has removed it, and nobody here has heard of that."""
    async with open_panel_site(kind, database_url) as site:
        site.stage.add_foreign("u1001_9999", clock.now() + DAY)
        await Drift(stall, site.panel).compare()
        id_ = (await find(stall, "orphan")).id
        closing = "NEW.closed_at IS NOT NULL"
        async with barrier(
            database_url, "UPDATE ON panel_findings", closing, at_commit=at_commit
        ) as stop:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "main.py", "panel", "repair", str(id_)),
                env=site.environ,
                stdout=asyncio.subprocess.DEVNULL,
            )
            await stop.wait_reached()
            process.send_signal(signal.SIGKILL)
            await process.wait()
        assert site.stage.held() == []

        said = await site.run(f"repair {id_}")

        assert said.exit_code == int(at_commit)
        assert (await find(stall, "orphan")).closed_at is not None
        assert len(await stall.rows(AuditEntry, AuditEntry.subject == f"finding:{id_}")) == 1


async def test_what_makes_no_sense_is_one_sentence(stall: Stall, database_url: str) -> None:
    async with open_panel_site("marzban", database_url) as site:
        for line, sentence in {
            "repair": "say the number of a finding, or --all with a kind",
            "repair 1 --all missing": "say the number of a finding, or --all with a kind",
            "repair 7": "there is no open finding 7: see panel drift",
        }.items():
            said = await site.run(line)
            assert (said.exit_code, said.error.strip()) == (1, sentence)
    said = await command_line({"DATABASE_URL": database_url}, "panel drift")
    assert said.out.splitlines() == [
        "nothing was compared yet: the service does it by itself",
        "no findings",
    ]
    assert await stall.rows(PanelFinding) == []
