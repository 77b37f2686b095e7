"""How a VPN panel and the way to it are written: the first in the environment, others in rows."""

import re
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from app.core.authorities import read_authority
from app.core.panel_kinds import PanelKind
from app.core.setting_values import ProxyUrl, check_url, split_list

PANEL_VARIABLE: Final = re.compile(r"VPN_[A-Z0-9_]{1,60}")
"""Names that a panel's row may refer to: of no other variable can a row make a header."""

AUTHORITY_SUFFIX: Final = "_CA"
"""Of the variables that hold authorities: links of all panels are opened with all of them."""

_HEADER: Final = re.compile(r"([A-Za-z0-9-]+)\s*:\s*([!-~](?:[ -~]*[!-~])?)")
_COOKIE: Final = re.compile(r"([!-:<>-~]+)=([!-:<-~]+)")
_WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9]{64}")
_OUR_HEADERS: Final = frozenset({"authorization", "cookie", "host", "content-length"})


def _read_headers(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [_HEADER.fullmatch(part.strip()) for part in value.split(",")]
    names = [pair[1] for pair in pairs if pair]
    if len(names) < len(pairs):
        raise ValueError("must look like Name: value, Other-Name: value")
    if any(name.lower() in _OUR_HEADERS for name in names):
        raise ValueError("must not hold Authorization, Cookie or Host: these are the service's own")
    return {pair[1]: pair[2] for pair in pairs if pair}


def _read_cookies(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [_COOKIE.fullmatch(part.strip()) for part in value.split(";")]
    if not all(pairs):
        raise ValueError("must look like NAME=VALUE, several as NAME=VALUE; OTHER=VALUE")
    return {pair[1]: pair[2] for pair in pairs if pair}


def _check_webhook_secret(secret: SecretStr) -> SecretStr:
    if not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("must be Remnawave's WEBHOOK_SECRET_HEADER: 64 letters and digits")
    return secret


_Url = Annotated[str, AfterValidator(check_url)]
_Names = Annotated[tuple[str, ...], BeforeValidator(split_list)]


class VpnPanelSettings(BaseModel):
    """Headers and cookies are for a proxy that guards the panel."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    vpn_panel: PanelKind = "xray_api"
    vpn_api_url: _Url | None = None
    vpn_api_key: SecretStr | None = None
    vpn_api_headers: Annotated[dict[str, SecretStr], BeforeValidator(_read_headers)] = Field(
        default_factory=dict
    )
    vpn_api_cookies: Annotated[dict[str, SecretStr], BeforeValidator(_read_cookies)] = Field(
        default_factory=dict
    )
    vpn_proxy: ProxyUrl | None = None
    # Beside the public authorities: the text or the file; kept is the text.
    vpn_api_ca: Annotated[str, AfterValidator(read_authority)] | None = None
    vpn_groups: _Names = ()  # unset: all that the panel has
    vpn_sub_url: _Url | None = None  # where the panel does not know its own
    vpn_webhook_secret: Annotated[SecretStr, AfterValidator(_check_webhook_secret)] | None = None

    @model_validator(mode="after")
    def _check_key(self) -> Self:
        if self.vpn_api_url and not self.vpn_api_key:
            raise ValueError("VPN_API_KEY is missing: VPN_API_URL is set and the panel wants a key")
        if self.vpn_api_key and self.vpn_panel in {"marzban", "pasarguard"}:
            key = self.vpn_api_key.get_secret_value()
            is_api_key = self.vpn_panel == "pasarguard" and key.startswith("pg_key_")
            if not is_api_key and not all(key.partition(":")):
                raise ValueError("VPN_API_KEY must be name:password of the panel's administrator")
        return self
