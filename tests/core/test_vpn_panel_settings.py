"""The way to the panel, as operators write it down."""

import pytest
from pydantic import SecretStr

from app.core.settings import SettingsError, load_settings

_GOOD = {
    "BOT_TOKEN": "123456:AAbotTokenAAA",
    "WEBHOOK_SECRET": "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3",
    "ADMIN_IDS": "1003",
    "WEBHOOK_URL": "https://shop.example/telegram/webhook",
    "DATABASE_URL": "postgres://shop:db-password@db.example/shop",
    "VPN_API_URL": "https://panel.example/secret/",
    "VPN_API_KEY": "panel-key",
}


def test_headers_cookies_and_groups_are_lists() -> None:
    settings = load_settings(
        _GOOD
        | {
            "VPN_API_HEADERS": "X-Api-Key: one:1, CF-Access-Client-Id:two",
            "VPN_API_COOKIES": "aEmFnBcC=WbYWpixX; other=a=b",
            "VPN_GROUPS": "Default-Squad, Premium",
            "VPN_SUB_URL": "https://sub.example/",
        }
    )

    assert settings.vpn_api_url == "https://panel.example/secret"
    assert settings.vpn_api_headers == {
        "X-Api-Key": SecretStr("one:1"),
        "CF-Access-Client-Id": SecretStr("two"),
    }
    assert settings.vpn_api_cookies == {
        "aEmFnBcC": SecretStr("WbYWpixX"),
        "other": SecretStr("a=b"),
    }
    assert settings.vpn_groups == ("Default-Squad", "Premium")
    assert settings.vpn_sub_url == "https://sub.example"


@pytest.mark.parametrize("kind", ["marzban", "pasarguard"])
@pytest.mark.parametrize("key", ["only-a-key", "name-alone:", ":password-alone"])
def test_a_panel_without_keys_wants_a_name_and_a_password(kind: str, key: str) -> None:
    with pytest.raises(SettingsError, match="VPN_API_KEY must be name:password") as caught:
        load_settings(_GOOD | {"VPN_PANEL": kind, "VPN_API_KEY": key})

    assert key not in str(caught.value)
    assert load_settings(_GOOD | {"VPN_PANEL": kind, "VPN_API_KEY": "shop:p:w"}).vpn_panel == kind


def test_pasarguard_takes_a_key_too() -> None:
    settings = load_settings(_GOOD | {"VPN_PANEL": "pasarguard", "VPN_API_KEY": "pg_key_1"})

    assert settings.vpn_panel == "pasarguard"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VPN_PANEL", "hiddify", "VPN_PANEL input should be"),
        ("VPN_API_HEADERS", "no-colon", "VPN_API_HEADERS must look like Name: value"),
        ("VPN_API_HEADERS", "X-Ok: 1,", "VPN_API_HEADERS must look like Name: value"),
        ("VPN_API_HEADERS", "authorization: Basic x", "must not hold Authorization"),
        ("VPN_API_COOKIES", "name", "VPN_API_COOKIES must look like NAME=VALUE"),
        ("VPN_PROXY", "socks5://host:1080", "VPN_PROXY must look like http://host:3128"),
        ("VPN_PROXY", "http://host:port", "VPN_PROXY must look like http://host:3128"),
        ("TELEGRAM_PROXY", "host:3128", "TELEGRAM_PROXY must look like http://host:3128"),
        ("VPN_SUB_URL", "sub.example", "VPN_SUB_URL must be an address"),
        ("VPN_API_KEY", "", "VPN_API_KEY is missing: VPN_API_URL is set"),
    ],
)
def test_a_senseless_value_is_one_sentence_without_it(name: str, value: str, said: str) -> None:
    """P12."""
    with pytest.raises(SettingsError) as caught:
        load_settings(_GOOD | {name: value})

    assert said in str(caught.value)
    assert value not in str(caught.value).partition(" like ")[0] or not value


def test_the_webhooks_secret_is_what_remnawave_takes() -> None:
    assert load_settings(_GOOD).vpn_webhook_secret is None
    assert load_settings(_GOOD | {"VPN_WEBHOOK_SECRET": "k7Qw" * 16}).vpn_webhook_secret
    with pytest.raises(SettingsError, match=r"VPN_WEBHOOK_SECRET.*: 64 letters and digits"):
        load_settings(_GOOD | {"VPN_WEBHOOK_SECRET": "short"})
