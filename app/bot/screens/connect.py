"""How to use the key on each kind of device, with the places to get an app from."""

from typing import Final

from app.bot.callbacks import ConnectPage, Platform
from app.bot.i18n import Translator
from app.bot.screens.buttons import callback_button, to_menu, to_subscription, to_support
from app.domain.messages import Button, Screen

PLATFORM_NAMES: Final = {
    Platform.IOS: "📱 iPhone, iPad",
    Platform.ANDROID: "🤖 Android",
    Platform.WINDOWS: "💻 Windows",
    Platform.MACOS: "🖥 macOS",
}

# All of them free, and all take a key from the clipboard.
PLATFORM_APPS: Final = {
    Platform.IOS: {
        "Streisand": "https://apps.apple.com/app/streisand/id6450534064",
        "Hiddify": "https://apps.apple.com/app/hiddify-proxy-vpn/id6596777532",
    },
    Platform.ANDROID: {
        "Hiddify": "https://play.google.com/store/apps/details?id=app.hiddify.com",
        "v2rayNG": "https://play.google.com/store/apps/details?id=com.v2ray.ang",
    },
    Platform.WINDOWS: {
        "Hiddify": "https://github.com/hiddify/hiddify-app/releases/latest",
        "v2rayN": "https://github.com/2dust/v2rayN/releases/latest",
    },
    Platform.MACOS: {
        "Streisand": "https://apps.apple.com/app/streisand/id6450534064",
        "Hiddify": "https://github.com/hiddify/hiddify-app/releases/latest",
    },
}


def connect_screen(t: Translator) -> Screen:
    return Screen(
        t("connect"),
        [
            *platform_buttons(),
            [to_subscription(t), to_menu(t)],
        ],
    )


def platform_screen(t: Translator, platform: Platform) -> Screen:
    """Steps, and below them a button to each app."""
    apps = [Button(f"⬇️ {name}", url=url) for name, url in PLATFORM_APPS[platform].items()]
    back = callback_button(t.plain("button-back"), ConnectPage())
    return Screen(
        t(f"connect-{platform.value}"), [apps, [to_subscription(t)], [to_support(t), back]]
    )


def platform_buttons(*, fresh: bool = False) -> list[list[Button]]:
    buttons = [
        callback_button(name, ConnectPage(platform=platform, fresh=fresh))
        for platform, name in PLATFORM_NAMES.items()
    ]
    return [buttons[:2], buttons[2:]]
