"""What the chains charge now, in the coin and in money, with the age of each figure."""

from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar

from babel.numbers import format_decimal

from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button
from app.bot.screens.tracking.formatting import choose_time_unit, format_moment
from app.bot.wallet_callbacks import FeesPage, digest_text
from app.domain.chain_ports import GasPrices, NetworkFee
from app.domain.chains import format_coins
from app.domain.fees import (
    BRIDGE_MARGIN_PERCENT,
    GWEI_DIGITS,
    TOKEN_TRANSFER_GAS,
    TRANSFER_GAS,
    FeeCost,
    PaceFee,
    estimate_bridge_fee,
    list_pace_fees,
    list_tron_fees,
    to_fee_cost,
)
from app.domain.messages import Screen
from app.domain.shop_settings import ShopSettings
from app.services.tracking.wallet.fees import ChainFee, FeeFigure, FeePage

T = TypeVar("T")

_CENT: Final = Decimal("0.01")
_MOST: Final = Decimal(10) ** 12


def fees_screen(t: Translator, page: FeePage, shop: ShopSettings) -> Screen:
    blocks = [
        *(_evm(t, page, fee, shop) for fee in page.evm),
        *(_tron(t, page, fee) for fee in page.tron),
        *(_cellframe(t, page, fee) for fee in page.cellframe),
    ]
    if not blocks:
        return Screen(t("fees-off"))
    has_gas = any(fee.figure for fee in page.evm)
    notes = [t("fees-notes", **_notes(t, shop))] if has_gas else []
    text = "\n\n".join([t("fees"), *blocks, *notes])
    return Screen(
        text, [[callback_button(t.plain("button-refresh"), FeesPage(digest=digest_text(text)))]]
    )


def _evm(t: Translator, page: FeePage, fee: ChainFee[GasPrices], shop: ShopSettings) -> str:
    if fee.figure is None:
        return t("fees-unavailable", chain=fee.spec.title)
    prices, coin = fee.figure.value, fee.spec.coin
    paces = list_pace_fees(fee.spec, prices, page.rates)
    # On a quiet chain hurry costs nothing more.
    shown = {"any": paces[0]} if len({one.price for one in paces}) == 1 else {}
    shown = shown or {one.pace: one for one in paces}
    bridge = estimate_bridge_fee(fee.spec, prices, shop.bridge_gas, page.rates)
    return "\n".join(
        [
            _head(t, fee.spec.title, fee.figure, page.now),
            *(_pace(t, pace, one, coin, page.currency) for pace, one in shown.items()),
            t(
                "fees-bridge",
                cost=_cost(t, bridge, coin, page.currency),
                percent=BRIDGE_MARGIN_PERCENT,
            ),
        ]
    )


def _pace(t: Translator, pace: str, fee: PaceFee, coin: str, currency: str) -> Html:
    return t(
        "fees-pace",
        pace=pace,
        price=t.price_text(f"{format_coins(fee.price, GWEI_DIGITS)} gwei"),
        transfer=_cost(t, fee.transfer, coin, currency),
        token=_cost(t, fee.token_transfer, coin, currency),
    )


def _cellframe(t: Translator, page: FeePage, fee: ChainFee[NetworkFee]) -> str:
    if fee.figure is None:
        return t("fees-unavailable", chain=fee.spec.title)
    spec, value = fee.spec, fee.figure.value
    rate = page.rates.get(spec.coin)
    costs = {
        "network": to_fee_cost(value.network, spec.decimals, rate),
        "validator": to_fee_cost(value.validator, spec.decimals, rate),
    }
    cost_texts = {name: _cost(t, cost, spec.coin, page.currency) for name, cost in costs.items()}
    return f"{_head(t, spec.title, fee.figure, page.now)}\n{t('fees-cellframe', **cost_texts)}"


def _tron(t: Translator, page: FeePage, fee: ChainFee[int]) -> str:
    if fee.figure is None:
        return t("fees-unavailable", chain=fee.spec.title)
    fees = list_tron_fees(fee.spec, fee.figure.value, page.rates)
    costs = {"coin": fees.coin, "token": fees.token, "new": fees.new_holder}
    texts = {name: _cost(t, one, fee.spec.coin, page.currency) for name, one in costs.items()}
    return f"{_head(t, fee.spec.title, fee.figure, page.now)}\n{t('fees-tron', **texts)}"


def _head(t: Translator, title: str, figure: FeeFigure[T], now: datetime) -> Html:
    unit, count = choose_time_unit(now - figure.at)
    age = t("fees-age", unit=unit, count=count)
    if figure.is_current:
        return t("fees-chain", chain=title, age=age)
    return t("fees-stale", chain=title, time=format_moment(t, figure.at, now), age=age)


def _cost(t: Translator, cost: FeeCost, coin: str, currency: str) -> str:
    coins = t.price_text(f"{format_coins(cost.units, cost.decimals)} {coin}")
    # A sum beyond belief is a node's or a rate's nonsense.
    if cost.money is None or cost.money >= _MOST:
        return coins
    cents = cost.money.quantize(_CENT)
    if cents < _CENT:
        return t.plain("fees-tiny", coins=coins, least=t.price_text(f"{_CENT} {currency}"))
    return t.plain("fees-money", coins=coins, money=t.price_text(f"{cents} {currency}"))


def _notes(t: Translator, shop: ShopSettings) -> dict[str, str]:
    units = {"transfer": TRANSFER_GAS, "token": TOKEN_TRANSFER_GAS, "bridge": shop.bridge_gas}
    return {name: format_decimal(gas, locale=t.language) for name, gas in units.items()}
