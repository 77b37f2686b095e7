"""`python main.py bulk`: a dry run, then the same with its count."""

from app.db.models import BulkJob
from app.domain.bulk import BulkState
from app.services.access.activation import provision_due_subscriptions
from tests.cli.test_panels import environ, run
from tests.support.stall import ANNA, Stall

__all__ = ["environ"]
EXTEND = "bulk extend active --days 2 --reason Thanks"


async def test_nothing_happens_without_the_count_of_the_dry_run(
    stall: Stall, environ: dict[str, str]
) -> None:
    await stall.buy_and_pay(ANNA)
    await provision_due_subscriptions(stall.db, stall.panel)
    id_ = (await stall.subscription(ANNA)).id

    exit_code, said = await run(environ, EXTEND)
    assert exit_code == 0
    assert said.splitlines()[0].startswith(f"user {ANNA}, subscription {id_}: ")
    assert said.splitlines()[1] == "1 subscription; nothing was changed: --confirm 1 begins"
    assert await stall.rows(BulkJob) == []

    exit_code, said = await run(environ, f"{EXTEND} --confirm 1 --no-wait")
    assert (exit_code, said.partition(": ")[2]) == (0, "extend, running, 0 of 1 done\n")
    (job,) = await stall.rows(BulkJob)
    assert (job.state, job.total) == (BulkState.RUNNING, 1)  # the service's worker begins it


async def test_it_is_steered_and_listed(stall: Stall, environ: dict[str, str]) -> None:
    assert await run(environ, "bulk list") == (0, "there are none\n")
    assert await run(environ, "bulk outage") == (0, "no panel was down in the last week\n")
    await stall.buy_and_pay(ANNA)
    _, said = await run(environ, f"{EXTEND} --confirm 1 --no-wait")
    id_ = said.partition(":")[0]

    assert await run(environ, f"bulk pause {id_}") == (0, f"{id_}: extend, paused, 0 of 1 done\n")
    assert (await run(environ, f"bulk pause {id_}"))[0] == 1
    cancelled = f"{id_}: extend, cancelled, 0 of 1 done\n"
    assert await run(environ, f"bulk cancel {id_}") == (0, cancelled)
    assert await run(environ, "bulk list") == (0, cancelled)


async def test_what_makes_no_sense_is_one_sentence(stall: Stall, environ: dict[str, str]) -> None:
    for line, sentence in (
        ("bulk extend ended:7 --days 1 --reason x", "there is no segment ended: there are active,"),
        ("bulk new-links nowhere", "there is no panel nowhere: there are default"),
        ("bulk outage 7", "there is no outage 7 that has ended"),
    ):
        exit_code, said = await run(environ, line)
        assert exit_code == 1
        assert said.startswith(sentence)
    assert await stall.rows(BulkJob) == []
