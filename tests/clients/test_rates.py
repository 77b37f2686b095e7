"""Exchange rates of Crypto Pay: from the world, and out of odd answers."""

from decimal import Decimal

import httpx
import pytest
import respx

from app.clients.cryptobot import CryptoBot
from app.domain.ports import UnavailableError
from sandbox.world import WorldServer

_URL = "https://pay.crypt.bot"


def _rate(**changes: object) -> dict[str, object]:
    known = {
        "is_valid": True,
        "is_crypto": True,
        "source": "ETH",
        "target": "USD",
        "rate": "3400.5",
    }
    return known | changes


async def _read(*rates: object) -> dict[str, Decimal]:
    provider = CryptoBot("4242:AApayTokenAAA", _URL)
    with respx.mock(base_url=f"{_URL}/api") as server:
        answer = httpx.Response(200, json={"ok": True, "result": list(rates)})
        server.post("/getExchangeRates").mock(return_value=answer)
        try:
            return await provider.get_rates("USD")
        finally:
            await provider.aclose()


async def test_the_world_says_what_each_coin_costs(world: WorldServer) -> None:
    provider = CryptoBot(world.world.config.cryptobot_token, f"{world.url}/cryptopay")
    rates = await provider.get_rates("USD")
    nobody = await provider.get_rates("XTR")
    await provider.aclose()
    assert [rates[coin] for coin in ("ETH", "BNB", "USDT")] == [3400, 640, 1]
    assert nobody == {}


async def test_other_currencies_and_what_is_not_valid_are_left_out() -> None:
    """P9: a decimal string stays exact."""
    rates = await _read(
        _rate(),
        _rate(source="BNB", target="EUR"),
        _rate(source="TON", is_valid=False),
        _rate(source="TRX", rate="0"),
        _rate(source="BTC", rate=96000),
    )
    assert rates == {"ETH": Decimal("3400.5"), "BTC": Decimal(96000)}


@pytest.mark.parametrize("rate", [_rate(rate="NaN"), _rate(rate="soon"), {"source": "ETH"}, 7])
async def test_what_cannot_be_read_is_no_answer(rate: object) -> None:
    with pytest.raises(UnavailableError):
        await _read(rate)
