"""The operator's list of tokens: read, refused with a reason, and amounts written exactly."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from app.domain.shop_settings import ShopSettings
from app.domain.tokens import (
    MAX_TOKENS,
    Token,
    format_units,
    list_chain_tokens,
    parse_token,
    parse_tokens,
)

USDT = "0x55d398326f99059fF775485246999027B3197955"  # on BSC, with its checksum


def test_a_line_is_a_token() -> None:
    token = parse_token(f" bsc:{USDT}:USDT:18 ")
    assert token == Token("bsc", USDT.lower(), "USDT", 18, Decimal(1))
    assert token.amount(50 * 10**18 + 5 * 10**16) == "50.05"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bsc", "chain:contract:symbol:decimals"),
        (f"cf:{USDT}:USDT:18", "a key such as bsc or tron"),
        (f"B S:{USDT}:USDT:18", "a key such as bsc or tron"),
        (f"tron:{USDT}:USDT:6", "is no address"),
        ("bsc:0x55:USDT:18", "no address"),
        (f"bsc:{USDT.replace('fF', 'ff')}:USDT:18", "checksum is wrong"),
        (f"bsc:{USDT}:<b>:18", "symbol"),
        (f"bsc:{USDT}:USDT:37", "decimals"),
        (f"bsc:{USDT}:USDT:-1", "decimals"),
        (f"bsc:{USDT}:USDT:²", "decimals"),
        (f"bsc:{USDT}:USDT:18:", "chain:contract:symbol:decimals:least"),
        (f"bsc:{USDT}:USDT:18:1:1", "chain:contract:symbol:decimals:least"),
        (f"bsc:{USDT}:USDT:18:-1", "the least amount must be 0 to 1000000000, such as 0.5"),
        (f"bsc:{USDT}:USDT:18:1,5", "the least amount"),
        (f"bsc:{USDT}:USDT:18:1e3", "the least amount"),
        (f"bsc:{USDT}:USDT:18:NaN", "the least amount"),
        (f"bsc:{USDT}:USDT:18:1000000000.1", "the least amount"),
        (f"bsc:{USDT}:USDT:18:²", "the least amount"),
    ],
)
def test_a_wrong_line_is_refused_with_its_reason(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_token(line)
    with pytest.raises(ValidationError, match=reason):
        ShopSettings(tokens=(line,))


@pytest.mark.parametrize(
    ("line", "least"),
    [
        ("USDT:18:0.25", Decimal("0.25")),
        ("USDT:18:0", Decimal(0)),
        ("CELL:18:1000000000", Decimal(10**9)),
        ("CELL:18", None),
        ("axlUSDC.e:6", Decimal(1)),
        ("DAI:18", Decimal(1)),
        ("DAIKO:18", None),
    ],
)
def test_a_fifth_part_is_the_least_amount(line: str, least: Decimal | None) -> None:
    """Without one, a dollar where the symbol says so."""
    assert parse_token(f"bsc:{USDT}:{line}").least == least
    assert ShopSettings(tokens=f"bsc:{USDT}:{line}").tokens == (f"bsc:{USDT}:{line}",)


def test_what_was_typed_is_repeated_bounded() -> None:
    with pytest.raises(ValueError, match="…") as refused:
        parse_token("x" * 5000)
    assert len(str(refused.value)) < 200


def test_each_contract_stands_once_and_the_list_is_bounded() -> None:
    line = f"bsc:{USDT}:USDT:18"
    with pytest.raises(ValueError, match="each contract once"):
        parse_tokens([line, line.lower()])
    lines = [f"eth:0x{number:040x}:T{number}:6" for number in range(MAX_TOKENS + 1)]
    with pytest.raises(ValueError, match=f"at most {MAX_TOKENS}"):
        parse_tokens(lines)


def test_the_setting_takes_one_line_without_brackets() -> None:
    line = f"bsc:{USDT}:USDT:18"
    assert ShopSettings(tokens=line).tokens == (line,)
    assert list_chain_tokens((line,), "eth") == {}
    assert list(list_chain_tokens((line,), "bsc")) == [USDT.lower()]


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (0, 18, "0"),
        (1, 18, "0.000000000000000001"),
        (100, 0, "100"),
        (2**256 - 1, 0, str(2**256 - 1)),
        (2**256 - 1, 18, f"{(2**256 - 1) // 10**18}.{(2**256 - 1) % 10**18:018d}"),
    ],
)
def test_amounts_are_exact(units: int, decimals: int, text: str) -> None:
    """P9: whatever 256 bits hold."""
    assert format_units(units, decimals) == text
