"""What each setting is to those who change it: its section, and the kind of its value.

Both come from the description in `shop_settings.py`, so that a new setting can't be left out.
"""

import types
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from app.domain.payment_methods import BALANCE_METHOD
from app.domain.shop_settings import ShopSettings


class SettingKind(StrEnum):
    SWITCH = "switch"
    NUMBER = "number"
    MONEY = "money"  # minor units of the shop's currency
    TEXT = "text"
    CHOICE = "choice"
    METHODS = "methods"  # payment methods, those that are off
    NUMBERS = "numbers"
    MONEY_LIST = "money-list"
    LINES = "lines"
    BY_CHAIN = "by-chain"


class SettingsSection(StrEnum):
    MAINTENANCE = "maintenance"
    PAYMENTS = "payments"
    LAUNCH = "launch"
    TRIAL = "trial"
    REFERRAL = "referral"
    WIN_BACK = "win-back"
    REMINDERS = "reminders"
    CONTACTS = "contacts"
    TRACKING = "tracking"
    BRIDGE = "bridge"
    HOURS = "hours"


SECTIONS: Final[Mapping[SettingsSection, tuple[str, ...]]] = {
    SettingsSection.MAINTENANCE: ("maintenance",),
    SettingsSection.PAYMENTS: (
        "ways_off",
        "onchain_networks_off",
        "currency",
        "stars_per_unit",
        "top_up_amounts_minor",
        "top_up_least_minor",
        "top_up_most_minor",
        "correction_most_minor",
        "refund_frees_code",
    ),
    SettingsSection.TRIAL: (
        "trial_enabled",
        "trial_days",
        "trial_traffic_gb",
        "trial_devices",
        "trial_channel",
    ),
    SettingsSection.LAUNCH: ("new_users_a_day", "allowed_users"),
    SettingsSection.REFERRAL: ("referral_percent", "referral_every_payment", "referral_days"),
    SettingsSection.WIN_BACK: (
        "win_back_percent",
        "win_back_days",
        "win_back_hours",
        "win_back_holdout_percent",
    ),
    SettingsSection.REMINDERS: ("reminder_hours", "grace_hours"),
    SettingsSection.CONTACTS: (
        "support_contact",
        "support_forum",
        "news_channel",
        "buying_channel",
    ),
    SettingsSection.TRACKING: (
        "watch_limit",
        "address_limit",
        "awaited_hours",
        "least_confirmations",
        "tokens",
        "coins_from",
    ),
    SettingsSection.BRIDGE: ("bridge_state", "bridge_fee", "bridge_confirmations", "bridge_gas"),
    SettingsSection.HOURS: (
        "digest_hour",
        "close_answered_hours",
        "time_zone",
        "awake_from_hour",
        "awake_until_hour",
    ),
}
SWITCHED_METHODS: Final = ("cryptobot", "stars", BALANCE_METHOD)
_MINOR: Final = "_minor"


def find_section(name: str) -> SettingsSection:
    """Raises LookupError for a setting that stands in none."""
    for section, names in SECTIONS.items():
        if name in names:
            return section
    raise LookupError(name)


def get_setting_kind(name: str) -> SettingKind:
    """Raises LookupError for what has no kind yet."""
    type_ = _get_type(name)
    if name == "ways_off":
        return SettingKind.METHODS
    if get_origin(type_) is Literal:
        return SettingKind.CHOICE
    if get_origin(type_) is dict:
        return SettingKind.BY_CHAIN
    is_money = name.endswith(_MINOR)
    if get_origin(type_) is tuple and _strip(get_args(type_)[0]) is int:
        return SettingKind.MONEY_LIST if is_money else SettingKind.NUMBERS
    if get_origin(type_) is tuple:
        return SettingKind.LINES
    kinds = {
        bool: SettingKind.SWITCH,
        str: SettingKind.TEXT,
        int: SettingKind.MONEY if is_money else SettingKind.NUMBER,
    }
    return kinds[type_]


def is_optional_setting(name: str) -> bool:
    """Whether it may be unset."""
    return type(None) in get_args(_get_annotation(name))


def list_setting_choices(name: str) -> tuple[str, ...]:
    return get_args(_get_type(name))


def _get_annotation(name: str) -> Any:  # noqa: ANN401 - what typing gives
    return ShopSettings.model_fields[name].annotation


def _get_type(name: str) -> Any:  # noqa: ANN401
    """Without its bounds, and without None."""
    annotation = _get_annotation(name)
    if get_origin(annotation) in {Union, types.UnionType}:
        (annotation,) = (part for part in get_args(annotation) if part is not type(None))
    return _strip(annotation)


def _strip(annotation: Any) -> Any:  # noqa: ANN401
    is_bounded = get_origin(annotation) is Annotated
    return get_args(annotation)[0] if is_bounded else annotation
