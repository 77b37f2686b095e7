"""What a friend's payment brings to the person who sent the friend."""

import re
from dataclasses import dataclass
from typing import Final

from app.core.money import Money
from app.domain.pricing import percent_of
from app.domain.shop import ShopSettings

PREFIX: Final = "ref"  # of the links that carry a code
# As `users.referral_code` is made; what else a link brings along is not worth a query.
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,16}")


@dataclass(frozen=True, slots=True)
class Reward:
    money: Money
    days: int

    def __bool__(self) -> bool:
        return bool(self.money.minor or self.days)


def link_to(bot_username: str, code: str) -> str:
    return f"https://t.me/{bot_username}?start={PREFIX}_{code}"


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def is_rewarding(shop: ShopSettings) -> bool:
    """Whether an invitation can bring anything at all."""
    return bool(shop.referral_percent or shop.referral_days)


def reward_for(shop: ShopSettings, paid: Money, *, is_first: bool) -> Reward:
    """A share rounded down, in the payment's currency, and for the first payment the days."""
    counts = is_first or shop.referral_every_payment
    share = percent_of(paid.minor, shop.referral_percent) if counts else 0
    return Reward(Money(share, paid.currency), shop.referral_days if is_first else 0)
