"""What a real node says that a transaction costs, and what is said when it does not answer."""

from dataclasses import replace
from datetime import timedelta

from app.services.tracking.wallet.fees import FeeCache
from tests.conftest import Skip
from tests.scenarios.tracking.stage import Stage
from tests.support.rpc_proxy import html

LATER = timedelta(seconds=20)


async def test_with_the_rpc_down_the_last_value_is_shown_with_its_time(
    stage: Stage, skip: Skip
) -> None:
    """Acceptance 11: no price is made up, and a fresh one follows when the RPC is back."""
    for _ in range(3):
        await stage.send(await stage.sign(max_priority_fee_per_gas=2_000_000_000))
        await stage.mine()
    desk = FeeCache(stage.chains)
    (first,) = (await desk.get_page("USD")).evm
    assert first.figure is not None
    assert first.figure.is_current
    latest = await stage.nodes[0].get_block("latest")
    assert first.figure.value.base > 0
    assert abs(first.figure.value.base - int(latest["baseFeePerGas"], 16)) < first.figure.value.base
    assert first.figure.value.low <= first.figure.value.normal <= first.figure.value.fast

    stage.turn(html)
    for _ in range(2):
        skip(LATER)
        (shown,) = (await desk.get_page("USD")).evm
        assert shown.figure == replace(first.figure, is_current=False)

    stage.turn()
    await stage.mine(20)  # empty blocks: the base fee sinks
    skip(timedelta(seconds=10))
    (again,) = (await desk.get_page("USD")).evm
    assert again.figure is not None
    assert again.figure.is_current
    assert again.figure.at > first.figure.at
    assert again.figure.value.base < first.figure.value.base


async def test_with_the_rpc_down_from_the_start_there_is_no_value(stage: Stage) -> None:
    """Acceptance 11."""
    stage.turn(html)
    (shown,) = (await FeeCache(stage.chains).get_page("USD")).evm
    assert shown.figure is None
