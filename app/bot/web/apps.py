"""The apps that take a subscription's link in one tap, by platform, the easiest first.

The forms of their links are those that the panels' own pages use.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from app.bot.callbacks import Platform

_SIGNS: Final = (
    (Platform.IOS, re.compile(r"iPhone|iPad|iPod")),
    (Platform.ANDROID, re.compile(r"Android")),
    (Platform.WINDOWS, re.compile(r"Windows")),
    (Platform.MACOS, re.compile(r"Macintosh")),  # an iPad may say so, too
)

# In them {link} is as it is, {quoted} the same as a value, {name} what the app shall call it.
_HAPP: Final = ("Happ", "happ://add/{link}")
_V2RAYTUN: Final = ("v2RayTun", "v2raytun://import/{link}")
_HIDDIFY: Final = ("Hiddify", "hiddify://import/{link}#{name}")
_STREISAND: Final = ("Streisand", "streisand://import/{link}#{name}")
_V2RAYNG: Final = ("v2rayNG", "v2rayng://install-sub?url={quoted}#{name}")
_SHADOWROCKET: Final = ("Shadowrocket", "shadowrocket://add/{link}#{name}")
_CLASH_META: Final = ("Clash Meta", "clashmeta://install-config?url={quoted}&name={name}")
_CLASH_VERGE: Final = ("Clash Verge", "clash://install-config?url={quoted}&name={name}")
_FLCLASH: Final = ("FlClash", "flclash://install-config?url={quoted}")
_SING_BOX: Final = ("sing-box", "sing-box://import-remote-profile?url={quoted}#{name}")

_APP_STORE: Final = "https://apps.apple.com/app"
_PLAY: Final = "https://play.google.com/store/apps/details?id="
_GITHUB: Final = "https://github.com"


@dataclass(frozen=True, slots=True)
class App:
    name: str
    store_url: str
    import_form: str

    def build_import_link(self, link: str, name: str) -> str:
        return self.import_form.format(link=link, quoted=quote(link, safe=""), name=quote(name))


def _app(app: tuple[str, str], store_url: str) -> App:
    name, import_form = app
    return App(name, store_url, import_form)


PAGE_APPS: Final[dict[Platform, tuple[App, ...]]] = {
    Platform.IOS: (
        _app(_HAPP, f"{_APP_STORE}/happ-proxy-utility/id6504287215"),
        _app(_STREISAND, f"{_APP_STORE}/streisand/id6450534064"),
        _app(_V2RAYTUN, f"{_APP_STORE}/v2raytun/id6476628951"),
        _app(_HIDDIFY, f"{_APP_STORE}/hiddify-proxy-vpn/id6596777532"),
        _app(_SHADOWROCKET, f"{_APP_STORE}/shadowrocket/id932747118"),
    ),
    Platform.ANDROID: (
        _app(_HAPP, f"{_PLAY}com.happproxy"),
        _app(_HIDDIFY, f"{_PLAY}app.hiddify.com"),
        _app(_V2RAYTUN, f"{_PLAY}com.v2raytun.android"),
        _app(_V2RAYNG, f"{_PLAY}com.v2ray.ang"),
        _app(_CLASH_META, f"{_GITHUB}/MetaCubeX/ClashMetaForAndroid/releases/latest"),
        _app(_SING_BOX, f"{_PLAY}io.nekohasekai.sfa"),
    ),
    Platform.WINDOWS: (
        _app(_HIDDIFY, f"{_GITHUB}/hiddify/hiddify-app/releases/latest"),
        _app(_HAPP, f"{_GITHUB}/Happ-proxy/happ-desktop/releases/latest"),
        _app(_FLCLASH, f"{_GITHUB}/chen08209/FlClash/releases/latest"),
        _app(_CLASH_VERGE, f"{_GITHUB}/clash-verge-rev/clash-verge-rev/releases/latest"),
    ),
    Platform.MACOS: (
        _app(_HAPP, f"{_APP_STORE}/happ-proxy-utility/id6504287215"),
        _app(_HIDDIFY, f"{_GITHUB}/hiddify/hiddify-app/releases/latest"),
        _app(_STREISAND, f"{_APP_STORE}/streisand/id6450534064"),
        _app(_FLCLASH, f"{_GITHUB}/chen08209/FlClash/releases/latest"),
    ),
}


def recognize_platform(user_agent: str) -> Platform | None:
    """None where nobody knows, or nothing of ours runs on it."""
    return next((platform for platform, sign in _SIGNS if sign.search(user_agent)), None)
