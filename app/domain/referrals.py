"""What a friend's payment brings to the user who invited the friend."""

import re
from dataclasses import dataclass
from typing import Final

from app.core.money import Money
from app.domain.pricing import compute_percent
from app.domain.shop_settings import ShopSettings

REFERRAL_LINK_PREFIX: Final = "ref"  # of the links that carry a code
# As `users.referral_code` is made; what else a link brings along is not worth a query.
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,16}")


@dataclass(frozen=True, slots=True)
class ReferralReward:
    money: Money
    days: int

    def __bool__(self) -> bool:
        return bool(self.money.minor or self.days)


def build_referral_link(bot_username: str, code: str) -> str:
    return f"https://t.me/{bot_username}?start={REFERRAL_LINK_PREFIX}_{code}"


def is_referral_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def is_referral_rewarded(shop: ShopSettings) -> bool:
    """Whether an invitation can bring anything at all."""
    return bool(shop.referral_percent or shop.referral_days)


def compute_referral_reward(shop: ShopSettings, paid: Money, *, is_first: bool) -> ReferralReward:
    """A share rounded down, in the payment's currency, and for the first payment the days."""
    counts = is_first or shop.referral_every_payment
    share = compute_percent(paid.minor, shop.referral_percent) if counts else 0
    return ReferralReward(Money(share, paid.currency), shop.referral_days if is_first else 0)
