"""What gas costs: `eth_feeHistory` and `eth_gasPrice`."""

from itertools import pairwise

from pydantic import JsonValue

from sandbox.world.chains.evm.models import Block
from sandbox.world.chains.evm.params import INVALID_PARAMS, Params, RpcError
from sandbox.world.chains.evm.vantage import Vantage

_MOST_BLOCKS = 1_024
_MOST_PERCENTILES = 100
_BLOCKS_OF_A_PRICE = 20
_BLOCK_GAS_LIMIT = 45_000_000


def fee_history(vantage: Vantage, params: Params) -> JsonValue:
    """One base fee more than blocks: the last is the next block's."""
    newest = min(params.block_number(1, vantage), vantage.head)
    if params.block_number(1, vantage) > vantage.head + 1:
        raise RpcError(-32000, "request beyond head block")
    percentiles = _read_percentiles(params.get(2))
    count = min(params.quantity(0), _MOST_BLOCKS)
    numbers = range(newest - count + 1, newest + 1)
    blocks = [block for number in numbers if (block := vantage.get_block(number))]
    if not blocks:
        return {"oldestBlock": "0x0", "gasUsedRatio": None}
    after = vantage.get_block(newest + 1)
    next_fee = after.base_fee if after else vantage.ledger.next_base_fee
    shape: dict[str, JsonValue] = {
        "oldestBlock": hex(blocks[0].number),
        "baseFeePerGas": [*(hex(block.base_fee) for block in blocks), hex(next_fee)],
        "gasUsedRatio": [block.gas_used / _BLOCK_GAS_LIMIT for block in blocks],
        "baseFeePerBlobGas": ["0x1"] * (len(blocks) + 1),
        "blobGasUsedRatio": [0] * len(blocks),
    }
    if percentiles:
        shape["reward"] = [[*_rewards(vantage, block, percentiles)] for block in blocks]
    return shape


def gas_price(vantage: Vantage, _params: Params) -> JsonValue:
    return hex(vantage.ledger.next_base_fee + _usual_tip(vantage))


def max_priority_fee(vantage: Vantage, _params: Params) -> JsonValue:
    return hex(_usual_tip(vantage))


def _usual_tip(vantage: Vantage) -> int:
    """The median of what the last blocks took; the chain's usual one where they were empty."""
    numbers = range(vantage.head - _BLOCKS_OF_A_PRICE + 1, vantage.head + 1)
    tips = sorted(
        tip
        for number in numbers
        if (block := vantage.get_block(number))
        for tip, _gas in _tips(vantage, block)
    )
    return tips[len(tips) // 2] if tips else vantage.spec.tip


def _rewards(vantage: Vantage, block: Block, percentiles: list[float]) -> list[str]:
    """As geth counts: the tip of the transaction at this part of the block's used gas."""
    tips = sorted(_tips(vantage, block))
    rewards: list[str] = []
    for percentile in percentiles:
        reward, passed = 0, 0
        for tip, gas in tips:
            reward = tip
            passed += gas
            if passed >= block.gas_used * percentile / 100:
                break
        rewards.append(hex(reward))
    return rewards


def _tips(vantage: Vantage, block: Block) -> list[tuple[int, int]]:
    return [
        (placed.price - block.base_fee, one.gas_used)
        for one in vantage.list_transactions(block)
        if (placed := vantage.get_inclusion(one))
    ]


def _read_percentiles(value: JsonValue) -> list[float]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > _MOST_PERCENTILES:
        raise RpcError(INVALID_PARAMS, f"invalid argument 2: at most {_MOST_PERCENTILES} numbers")
    percentiles = [
        float(one)
        for one in value
        if isinstance(one, int | float) and 0 <= one <= 100  # noqa: PLR2004 - a percentage
    ]
    rising = all(before <= after for before, after in pairwise(percentiles))
    if len(percentiles) != len(value) or not rising:
        raise RpcError(INVALID_PARAMS, "invalid reward percentile")
    return percentiles
