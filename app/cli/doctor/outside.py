"""The doctor's checks of the payment provider and the VPN panel."""

from contextlib import aclosing
from typing import Final
from urllib.parse import urlsplit

from app.cli.doctor.findings import DoctorFinding, make_failure, make_ok, make_warning
from app.clients.cryptobot import CryptoBot
from app.clients.panels import create_panel
from app.core.settings import Settings
from app.domain.ports import PanelVersionError, PortError, RefusedError

_PANEL_AWAY_FIX: Final = (
    "start the panel, or correct VPN_API_URL; where a proxy guards it, VPN_API_COOKIES or "
    "VPN_API_HEADERS"
)
_OTHER_NETWORK: Final = {
    "pay.crypt.bot": "https://testnet-pay.crypt.bot",
    "testnet-pay.crypt.bot": "https://pay.crypt.bot",
}


async def check_crypto_pay(settings: Settings) -> list[DoctorFinding]:
    check = "crypto pay"
    if settings.cryptobot_token is None:
        return [make_warning(check, "off", "set CRYPTOBOT_TOKEN to sell for crypto")]
    token = settings.cryptobot_token.get_secret_value()
    try:
        await _try_token(token, settings.cryptobot_api_url)
    except RefusedError as error:
        return [make_failure(check, str(error), await _hint(token, settings.cryptobot_api_url))]
    except PortError as error:
        fix = "look at CRYPTOBOT_API_URL and the network"
        return [make_failure(check, str(error), fix)]
    return [make_ok(check, f"the token is good at {urlsplit(settings.cryptobot_api_url).hostname}")]


async def _try_token(token: str, api_url: str) -> None:
    async with aclosing(CryptoBot(token, api_url)) as provider:
        await provider.check()


async def _hint(token: str, api_url: str) -> str:
    other = _OTHER_NETWORK.get(urlsplit(api_url).hostname or "")
    if other:
        try:
            await _try_token(token, other)
        except PortError:
            pass
        else:
            return f"the token belongs to the other network: set CRYPTOBOT_API_URL={other}"
    return "copy CRYPTOBOT_TOKEN again from @CryptoBot, Crypto Pay, My Apps"


async def check_panel(settings: Settings) -> list[DoctorFinding]:
    check = "vpn panel"
    panel = create_panel(settings)
    if panel is None:
        fix = "set VPN_API_URL and VPN_API_KEY, or paid subscriptions wait for their keys"
        return [make_warning(check, "not set", fix)]
    async with aclosing(panel):
        try:
            await panel.check()
        except PanelVersionError as error:
            fix = "until then orders wait for their keys; docs/panels/ says what is known"
            return [make_failure(check, str(error), fix)]
        except RefusedError as error:
            return [make_failure(check, str(error), "look at VPN_API_KEY and VPN_API_URL")]
        except PortError as error:
            return [make_failure(check, str(error), _PANEL_AWAY_FIX)]
    return [make_ok(check, f"{settings.vpn_panel} answers and takes the key")]


async def check_metrics(settings: Settings) -> list[DoctorFinding]:
    if settings.metrics_token is None:
        return [make_ok("metrics", "METRICS_TOKEN is not set: open to this machine alone")]
    return [make_ok("metrics", "open to whoever sends METRICS_TOKEN")]
