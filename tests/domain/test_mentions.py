"""What people paste is found: hashes, explorers' links, and what only looks like one."""

from dataclasses import replace

import pytest

from app.domain.chains import ETHEREUM
from app.domain.mentions import Mention, Shape, find_mentions, judge, pack_hash, unpack_hash

ONE = "0x" + "1a" * 32
TWO = "0x" + "2b" * 32


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        (ONE, None),
        (ONE.upper().replace("0X", "0x"), None),
        (f"look:\n{ONE}, please", None),
        (f"({ONE})", None),
        (f"https://etherscan.io/tx/{ONE}", "eth"),
        (f"https://www.etherscan.io/tx/{ONE}#eventlog", "eth"),
        (f"etherscan.io/tx/{ONE}", "eth"),
        (f"HTTPS://BSCSCAN.COM/tx/{ONE}", "bsc"),
        (f"https://scan.cellframe.net/datum-details/{ONE}?net=Backbone", "cf"),
        (f"https://scan.cellframe.net/datum-details/{ONE}", "cf"),
        (f"https://blockscan.com/tx/{ONE}", None),
        (f"https://shop.example/order?tx={ONE}", None),
    ],
)
def test_a_hash_is_found_and_a_link_names_its_chain(text: str, chain: str | None) -> None:
    assert find_mentions([text]) == [Mention(ONE, chain)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "0x" + "1a" * 20,
        ONE + "ff",
        "f" + ONE,
        ONE[:-1],
        "1a" * 32,
        "https://etherscan.io/address/0x" + "1a" * 20,
        "http://[broken/tx/",
    ],
)
def test_what_is_no_hash_is_not_found(text: str) -> None:
    assert find_mentions([text]) == []


@pytest.mark.parametrize(
    ("link", "foreign"),
    [
        (f"https://sepolia.etherscan.io/tx/{ONE}", "sepolia.etherscan.io"),
        (f"https://testnet.bscscan.com/tx/{ONE}", "testnet.bscscan.com"),
        (f"https://polygonscan.com/tx/{ONE}", "polygonscan.com"),
        (f"https://scan.cellframe.net/datum-details/{ONE}?net=KelVPN", "KelVPN"),
    ],
)
def test_a_link_to_another_network_says_so(link: str, foreign: str) -> None:
    assert find_mentions([link]) == [Mention(ONE, foreign=foreign)]


def test_each_hash_counts_once_and_the_link_beats_the_bare_one() -> None:
    texts = [f"{ONE} {TWO} {ONE}", f"https://bscscan.com/tx/{ONE}"]
    assert find_mentions(texts) == [Mention(TWO), Mention(ONE, "bsc")]


def test_one_hash_on_two_explorers_is_asked_of_both() -> None:
    text = f"https://bscscan.com/tx/{ONE} https://etherscan.io/tx/{ONE}"
    assert find_mentions([text]) == [Mention(ONE, "bsc"), Mention(ONE, "eth")]


def test_a_chain_that_the_operator_added_has_its_explorer_known() -> None:
    polygon = replace(ETHEREUM, key="matic", tx_url="https://polygonscan.com/tx/{hash}")
    text = f"https://polygonscan.com/tx/{ONE}"
    assert find_mentions([text], [polygon]) == [Mention(ONE, "matic")]


@pytest.mark.parametrize(
    ("text", "shape", "digits"),
    [
        ("0x1234", Shape.SHORT, 4),
        (ONE + "00", Shape.LONG, 66),
        (ONE[:-1] + "g", Shape.STRAY, 64),
        ("1A" * 32, Shape.BARE, 0),
        ("0x" + "Ab" * 20, Shape.ADDRESS, 0),
        ("5" * 88, Shape.SOLANA, 0),
        ("R" + "j" * 103, Shape.ADDRESS, 0),
        ("T" + "9" * 33, Shape.TRON, 0),
        ("bc1q" + "a" * 38, Shape.BITCOIN, 0),
        ("EQ" + "a" * 46, Shape.TON, 0),
        ("https://solscan.io/tx/5h6x", Shape.FOREIGN, 0),
        ("https://sepolia.etherscan.io/tx/", Shape.FOREIGN, 0),
        ("hello", Shape.OTHER, 0),
        ("0x12 and more", Shape.OTHER, 0),
        ("", Shape.OTHER, 0),
    ],
)
def test_what_was_typed_instead_of_a_hash_is_recognised(
    text: str, shape: Shape, digits: int
) -> None:
    assert judge(text) == (shape, digits)


def test_a_hash_packs_into_a_button_and_a_deep_link_and_back() -> None:
    for tx_hash in (ONE, TWO, "0x" + "ff" * 32, "0x" + "00" * 32):
        packed = pack_hash(tx_hash)
        assert len(packed) == 43
        assert unpack_hash(packed) == tx_hash


@pytest.mark.parametrize("packed", ["", "A", "A" * 42, "A" * 44, "!" * 43, "_" * 43, "ж" * 43])
def test_nothing_else_unpacks(packed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unpack_hash(packed)
