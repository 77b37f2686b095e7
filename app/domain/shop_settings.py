"""What operators decide while the shop runs; rows in the database override these defaults."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core.money import CURRENCIES
from app.domain.chains import TRON
from app.domain.onchain.networks import NETWORKS
from app.domain.subscriptions import GIBIBYTE
from app.domain.tokens import parse_tokens

# https://core.telegram.org/method/account.checkUsername
_NAME: Final = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}")
_ID: Final = re.compile(r"[1-9][0-9]{0,15}")
# The contracts of Tether, Circle and Binance. Mind the decimals: on BSC they are others.
_STABLECOINS: Final = (
    "eth:0xdAC17F958D2ee523a2206206994597C13D831ec7:USDT:6",
    "eth:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48:USDC:6",
    "bsc:0x55d398326f99059fF775485246999027B3197955:USDT:18",
    "bsc:0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d:USDC:18",
    "tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t:USDT:6",
)
_Hours = Annotated[int, Field(ge=1, le=24 * 30)]


class ShopSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    maintenance: bool = False  # one sentence in place of all that leads to a purchase
    onchain_networks_off: tuple[str, ...] = ()  # keys such as usdt-tron; others are not held up
    currency: str = "USD"  # of balances and top-ups
    ways_off: tuple[str, ...] = ()  # payment methods that are closed: cryptobot, stars, balance
    stars_per_unit: Annotated[int, Field(ge=1, le=10_000)] = 60  # how many Stars make one USD
    top_up_amounts_minor: tuple[Annotated[int, Field(ge=1)], ...] = (500, 1000, 2000, 5000)
    top_up_least_minor: Annotated[int, Field(ge=1)] = 100
    top_up_most_minor: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000

    correction_most_minor: Annotated[int, Field(ge=1, le=10**9)] = 50_000  # of one `/correct`
    refund_frees_code: bool = False  # whether a refunded order's promo code may be used again

    trial_enabled: bool = True
    trial_days: Annotated[int, Field(ge=1, le=90)] = 3
    trial_traffic_gb: Annotated[int, Field(ge=0, le=10_000)] = 10  # 0: no limit
    trial_devices: Annotated[int, Field(ge=0, le=100)] = 1  # 0: no limit
    trial_channel: str | None = None  # @name of a channel that one must be in

    referral_percent: Annotated[int, Field(ge=0, le=50)] = 10  # of a friend's payment
    referral_every_payment: bool = False  # or of the first one only
    referral_days: Annotated[int, Field(ge=0, le=90)] = 0  # of access, for the first payment

    # A soft launch: so many new users a day are let in, the others wait in line. None: everybody.
    new_users_a_day: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    allowed_users: tuple[str, ...] = ()  # ids and @names that need not wait

    # Offers to those whose access has ended: a discount of so many percent. 0: none.
    win_back_percent: Annotated[int, Field(ge=0, le=90)] = 0
    win_back_days: tuple[Annotated[int, Field(ge=1, le=60)], ...] = (1, 3, 7)  # after the end
    win_back_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 48  # how long an offer lasts
    win_back_holdout_percent: Annotated[int, Field(ge=0, le=50)] = 10  # of users who get none

    grace_hours: Annotated[int, Field(ge=0, le=240)] = 0  # of access after the paid time
    support_contact: str | None = None  # @name of an operator; unset: through the bot
    support_forum: Annotated[int, Field(ge=-(2**52), le=-1)] | None = None  # a group with topics
    news_channel: str | None = None  # @name
    buying_channel: str | None = None  # @name of a channel that one must be in to buy

    reminder_hours: tuple[_Hours, ...] = (72, 24, 3)  # before the end; empty: no reminders
    watch_limit: Annotated[int, Field(ge=1, le=10_000)] = 50  # open watches of one user
    address_limit: Annotated[int, Field(ge=1, le=100)] = 10  # addresses that one user may bind
    awaited_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 48  # for what no chain knows yet
    # Confirmations wanted before "final", by chain ({"eth": 20}), above what the chain says.
    least_confirmations: dict[str, Annotated[int, Field(ge=1, le=10_000)]] = {}
    # Tokens whose arrival is reported: "bsc:0x55d3…7955:USDT:18" (chain, contract, symbol,
    # decimals). A fifth part is the amount from which on: ":0.5". Without it 1 of what is a dollar.
    tokens: tuple[str, ...] = _STABLECOINS
    # Coins whose arrival is reported, by chain, and from which amount on. About a dollar.
    coins_from: dict[str, Annotated[Decimal, Field(ge=0, le=10**9)]] = {
        "eth": Decimal("0.0005"),
        "bsc": Decimal("0.002"),
    }
    bridge_state: Literal["open", "paused", "at_risk"] = "open"
    bridge_fee: str = ""  # as users should read it, such as "0.5 CELL"; empty: not shown
    bridge_confirmations: Annotated[int, Field(ge=0, le=10_000)] = 0  # 0: not shown
    bridge_gas: Annotated[int, Field(ge=21_000, le=10_000_000)] = 120_000  # units, an assumption

    # After so long without a word an answered conversation closes by itself; 0: never.
    close_answered_hours: Annotated[int, Field(ge=0, le=24 * 90)] = 72

    digest_hour: Annotated[int, Field(ge=0, le=23)] | None = None  # of what the day before brought
    time_zone: str = "Europe/Moscow"  # whose days and nights the shop keeps
    awake_from_hour: Annotated[int, Field(ge=0, le=23)] = 9
    awake_until_hour: Annotated[int, Field(ge=1, le=24)] = 22

    @property
    def trial_traffic_bytes(self) -> int:
        return self.trial_traffic_gb * GIBIBYTE

    @property
    def close_answered(self) -> timedelta:
        return timedelta(hours=self.close_answered_hours)

    @property
    def grace(self) -> timedelta:
        return timedelta(hours=self.grace_hours)

    @field_validator("currency")
    @classmethod
    def _check_currency(cls, currency: str) -> str:
        if currency not in CURRENCIES:
            raise PydanticCustomError(
                "currency", "must be one of {names}", {"names": ", ".join(sorted(CURRENCIES))}
            )
        return currency

    @field_validator("trial_channel", "support_contact", "news_channel", "buying_channel")
    @classmethod
    def _check_name(cls, name: str | None) -> str | None:
        if name is not None and not _NAME.fullmatch(name):
            raise PydanticCustomError("username", "must be a @name of Telegram")
        return name

    @field_validator("allowed_users")
    @classmethod
    def _check_users(cls, users: tuple[str, ...]) -> tuple[str, ...]:
        for user in users:
            if not _NAME.fullmatch(user) and not _ID.fullmatch(user):
                raise PydanticCustomError(
                    "users", "{user} is neither a @name of Telegram nor an id", {"user": user}
                )
        return users

    @field_validator("tokens", "allowed_users", "onchain_networks_off", mode="before")
    @classmethod
    def _split_words(cls, words: object) -> object:
        """One needs no brackets and quotes, and an id alone came as a number."""
        return str(words).split() if isinstance(words, str | int) else words

    @field_validator("tokens")
    @classmethod
    def _check_tokens(cls, tokens: tuple[str, ...]) -> tuple[str, ...]:
        try:
            parse_tokens(tokens)
        except ValueError as error:
            raise PydanticCustomError("tokens", "{reason}", {"reason": str(error)}) from error
        return tokens

    @field_validator("coins_from")
    @classmethod
    def _check_coins(cls, coins: dict[str, Decimal]) -> dict[str, Decimal]:
        if TRON.key in coins:
            raise PydanticCustomError(
                "coins", "tron: its nodes show TRX and TRC-10 tokens alike; list TRC-20 in tokens"
            )
        return coins

    @field_validator("onchain_networks_off")
    @classmethod
    def _check_networks(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        known = [one.key for one in NETWORKS]
        if not set(keys) <= set(known):
            raise PydanticCustomError(
                "networks", "each must be one of {names}", {"names": ", ".join(known)}
            )
        return keys

    @field_validator("time_zone")
    @classmethod
    def _check_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise PydanticCustomError("time_zone", "must be a name like Europe/Moscow") from error
        return name

    @model_validator(mode="after")
    def _check_day(self) -> Self:
        if self.awake_from_hour >= self.awake_until_hour:
            raise PydanticCustomError(
                "hours_order", "awake_from_hour must come before awake_until_hour"
            )
        if self.top_up_least_minor > self.top_up_most_minor:
            raise PydanticCustomError(
                "top_up_order", "top_up_least_minor must not be above top_up_most_minor"
            )
        return self
