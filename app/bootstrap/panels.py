"""A panel of a row, opened with what the environment holds of it."""

from contextlib import suppress

from pydantic import SecretStr, ValidationError

from app.clients.panels import PanelClient, create_panel
from app.core.authorities import read_authority
from app.core.settings import Settings
from app.core.vpn_panel_settings import AUTHORITY_SUFFIX, VpnPanelSettings
from app.domain.panels import PanelDescription
from app.domain.ports import RefusedError


def open_panel(settings: Settings, row: PanelDescription) -> PanelClient:
    """Raises RefusedError, which names the row and the variable."""
    values = {
        "vpn_panel": row.kind,
        "vpn_api_url": row.url,
        "vpn_api_key": _read_variable(settings, row, row.key_variable),
        "vpn_api_headers": _read_variable(settings, row, row.headers_variable),
        "vpn_api_cookies": _read_variable(settings, row, row.cookies_variable),
        "vpn_proxy": _read_variable(settings, row, row.proxy_variable),
        "vpn_api_ca": _read_variable(settings, row, row.ca_variable),
        "vpn_sub_url": row.link_base,
        "vpn_groups": row.access_groups,
    }
    given = {name: value for name, value in values.items() if value is not None}
    try:
        described = VpnPanelSettings.model_validate(given)
    except ValidationError as error:
        problems = error.errors(include_input=False)
        reasons = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in problems)
        raise RefusedError(f"panel {row.name}: {reasons}") from None
    panel = create_panel(described, f"panel_{row.name}")
    if panel is None:
        raise RefusedError(f"panel {row.name}: it has no address or no key")
    return panel


def collect_authorities(settings: Settings) -> str:
    """Of all panels: a link does not say which of them it is. What cannot be read, doctor names."""
    found = [settings.vpn_api_ca] if settings.vpn_api_ca else []
    for name, value in settings.vpn_variables.items():
        if name.endswith(AUTHORITY_SUFFIX):
            with suppress(ValueError):
                found.append(read_authority(value.get_secret_value()))
    return "\n".join(found)


def _read_variable(settings: Settings, row: PanelDescription, name: str | None) -> str | None:
    if name is None:
        return None
    value: SecretStr | None = settings.vpn_variables.get(name)
    if value is None:
        raise RefusedError(f"panel {row.name}: {name} is not set in the service's environment")
    return value.get_secret_value()
