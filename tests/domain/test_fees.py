"""What a transaction costs: whole wei, money by a rate, a margin that is named."""

from decimal import Decimal

from app.domain.chain_ports import GasPrices
from app.domain.chains import BSC, ETHEREUM
from app.domain.fees import estimate_bridge_fee, list_pace_fees

GWEI = 10**9
PRICES = GasPrices(low=GWEI, normal=2 * GWEI, fast=3 * GWEI, base=GWEI // 2)


def test_a_transfer_takes_21000_gas_and_a_token_about_65000() -> None:
    """P9: integers in wei, and money only for showing."""
    low, normal, fast = list_pace_fees(ETHEREUM, PRICES, {"ETH": Decimal(3400)})
    assert [one.pace for one in (low, normal, fast)] == ["low", "normal", "fast"]
    assert normal.transfer.units == 21_000 * 2 * GWEI
    assert fast.token_transfer.units == 65_000 * 3 * GWEI
    assert normal.transfer.money == Decimal("0.000042") * 3400


def test_without_a_rate_there_is_no_money() -> None:
    assert {one.transfer.money for one in list_pace_fees(BSC, PRICES, {"ETH": Decimal(1)})} == {
        None
    }


def test_a_bridge_transfer_is_counted_with_a_fifth_on_top() -> None:
    assert (
        estimate_bridge_fee(ETHEREUM, PRICES, 100_000, {}).units == 100_000 * 2 * GWEI * 120 // 100
    )


def test_the_margin_is_never_rounded_down() -> None:
    one_wei = GasPrices(low=1, normal=1, fast=1, base=0)
    assert estimate_bridge_fee(BSC, one_wei, 21_001, {}).units == 25_202
