"""`python main.py doctor`: what a deployment needs, checked for real, with the fix beside it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TextIO

from app.cli.doctor.chains import check_chains
from app.cli.doctor.findings import (
    DoctorFinding,
    FindingLevel,
    get_worst_level,
    make_failure,
    make_ok,
    write_findings,
)
from app.cli.doctor.outside import check_crypto_pay, check_metrics, check_panel
from app.cli.doctor.panels import check_further_panels
from app.cli.doctor.storage import check_database, check_redis
from app.cli.doctor.telegram import check_address, check_operators, check_secret, check_token
from app.core.scrubber import register_secrets
from app.core.secrets import list_secrets
from app.core.settings import Settings, SettingsError, load_settings

__all__ = ["run_doctor"]

_CHECK_SECONDS: Final = 5
_CHECKS: Final[dict[str, Callable[[Settings], Awaitable[list[DoctorFinding]]]]] = {
    "bot token": check_token,
    "operators": check_operators,
    "webhook address": check_address,
    "webhook secret": check_secret,
    "database": check_database,
    "redis": check_redis,
    "crypto pay": check_crypto_pay,
    "vpn panel": check_panel,
    "further panels": check_further_panels,
    "chains": check_chains,
    "metrics": check_metrics,
}


async def run_doctor(environ: Mapping[str, str], out: TextIO) -> int:
    """The exit code: 1 when something that is needed, or was asked for, does not work."""
    findings = await _examine(environ)
    write_findings(findings, out, coloured=out.isatty() and "NO_COLOR" not in environ)
    return int(get_worst_level(findings) is FindingLevel.FAILURE)


async def _examine(environ: Mapping[str, str]) -> list[DoctorFinding]:
    try:
        settings = load_settings(environ)
    except SettingsError as error:
        *others, last = str(error).split("; ")
        fix = "set the service's variables; .env.example describes each"
        return [
            *(make_failure("settings", text) for text in others),
            make_failure("settings", last, fix),
        ]
    register_secrets(list_secrets(settings))
    rows = await asyncio.gather(*(_bounded(check, settings) for check in _CHECKS))
    return [make_ok("settings", "complete"), *(finding for row in rows for finding in row)]


async def _bounded(check: str, settings: Settings) -> list[DoctorFinding]:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await _CHECKS[check](settings)
    except TimeoutError:
        fix = "see whether it is up and reachable from here"
        return [make_failure(check, f"no answer within {_CHECK_SECONDS} seconds", fix)]
    except Exception as error:  # noqa: BLE001 - a doctor that crashes helps nobody
        # Its text may hold an address with a password.
        return [
            make_failure(check, f"the check failed: {type(error).__name__}", "look at its setting")
        ]
