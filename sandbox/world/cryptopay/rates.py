"""Fixed prices in US dollars, so that a test knows what an invoice costs in each asset."""

from decimal import ROUND_UP, Decimal

ASSETS = {
    "USDT": Decimal(1),
    "TON": Decimal("3.20"),
    "BTC": Decimal(96000),
    "ETH": Decimal(3400),
    "LTC": Decimal(85),
    "BNB": Decimal(640),
    "TRX": Decimal("0.25"),
    "USDC": Decimal(1),
}
FIATS = {
    "USD": Decimal(1),
    "EUR": Decimal("1.10"),
    "RUB": Decimal("0.0125"),
    "BYN": Decimal("0.31"),
    "UAH": Decimal("0.024"),
    "GBP": Decimal("1.28"),
    "CNY": Decimal("0.14"),
    "KZT": Decimal("0.002"),
    "UZS": Decimal("0.00008"),
    "GEL": Decimal("0.37"),
    "TRY": Decimal("0.024"),
    "AMD": Decimal("0.0026"),
    "THB": Decimal("0.03"),
    "INR": Decimal("0.0118"),
    "BRL": Decimal("0.18"),
    "IDR": Decimal("0.00006"),
    "AZN": Decimal("0.59"),
    "AED": Decimal("0.2723"),
    "PLN": Decimal("0.26"),
    "ILS": Decimal("0.28"),
}
_SMALLEST = Decimal("0.00000001")


def plain(amount: Decimal) -> str:
    """Without an exponent and without zeros at the end, as Crypto Pay writes amounts."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def asset_amount(fiat_amount: Decimal, fiat: str, asset: str) -> Decimal:
    return (fiat_amount * FIATS[fiat] / ASSETS[asset]).quantize(_SMALLEST, ROUND_UP)


def fiat_rate(asset: str, fiat: str) -> Decimal:
    """The price of one unit of the asset."""
    return (ASSETS[asset] / FIATS[fiat]).quantize(_SMALLEST)
