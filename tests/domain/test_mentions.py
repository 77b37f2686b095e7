"""What users paste is found: hashes, explorers' links, and what only looks like one."""

from dataclasses import replace

import pytest

from app.domain.chains import ETHEREUM
from app.domain.mentions import (
    InputShape,
    TxMention,
    classify_input,
    find_tx_mentions,
    pack_hash,
    unpack_hash,
)

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
    assert find_tx_mentions([text]) == [TxMention(ONE, chain)]


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
    assert find_tx_mentions([text]) == []


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
    assert find_tx_mentions([link]) == [TxMention(ONE, foreign=foreign)]


HEX = "5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060"
OTHER = f"0x{HEX}"


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        (f"https://blockchair.com/ethereum/transaction/{OTHER}", "eth"),
        (f"{OTHER} https://blockchair.com/ethereum/transaction/{OTHER}", "eth"),
        (f"blockchair.com/ru/bnb/transaction/{OTHER}", "bsc"),
        (f"https://www.oklink.com/en/bsc/tx/{OTHER}", "bsc"),
        (f"https://3xpl.com/ethereum/transaction/{HEX}", "eth"),
        (f"https://dashboard.tenderly.co/tx/mainnet/{OTHER}", "eth"),
        (f"https://app.blocksec.com/explorer/tx/eth/{OTHER}", "eth"),
        (f"https://eth.blockscout.com/tx/{OTHER}", "eth"),
        (f"https://cn.etherscan.com/tx/{OTHER}", "eth"),
        (f"https://etherscan.io/tx/{HEX}", "eth"),
        (f"https://www.google.com/url?q=https%3A%2F%2Fetherscan.io%2Ftx%2F{OTHER}&sa=D", "eth"),
        (f"https://t.me/share/url?url=https%3A%2F%2Fetherscan.io%2Ftx%2F{OTHER}", "eth"),
        (
            f"https://l.facebook.com/l.php?u=https%3A%2F%2Fetherscan.io%2Ftx%2F{OTHER}%3Ff%3Dx",
            "eth",
        ),
        (f"https://vk.com/away.php?to=bscscan.com%2Ftx%2F{OTHER}", "bsc"),
        (f"https://a.example/?u=https%253A%252F%252Fbscscan.com%252Ftx%252F{OTHER}", "bsc"),
        (f"https://web.archive.org/web/2026/https://etherscan.io/tx/{OTHER}", "eth"),
        (f"https://etherscan.io/tx/{OTHER[:34]}\n{OTHER[34:]}", "eth"),
        (f"TxHash{OTHER}", None),
        (f"{OTHER}Status: Success", None),
        (f"TXID: {HEX}", None),
        (f"Хеш транзакции — {HEX.upper()}", None),
        (f"{OTHER[:34]}\n{OTHER[34:]}", None),
        (f"{OTHER[:64]}\r\n  {OTHER[64:]}", None),
        (f"> {OTHER[:34]}\n> {OTHER[34:]}", None),
        (f"{OTHER[:34]} {OTHER[34:]}", None),
        (f"{OTHER[:30]}\u200b{OTHER[30:]}", None),
        (f"{OTHER[:30]}\u00ad{OTHER[30:50]}\u2060{OTHER[50:]}", None),
        (f"0\u0445{HEX}", None),
        (f"\u041e\u0445{HEX.replace('a', chr(0x430)).replace('c', chr(0x441))}", None),
        ("".join(chr(ord(letter) + 0xFEE0) for letter in OTHER), None),
        (f"the key is late, paid with {OTHER}", None),
        (f"ключ не пришёл, оплата: {OTHER}", None),
    ],
)
def test_what_copying_wrapping_and_redirecting_do_to_a_hash(text: str, chain: str | None) -> None:
    assert find_tx_mentions([text]) == [TxMention(OTHER, chain)]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (f"https://etherscan.io/block/{OTHER}", InputShape.BLOCK),
        (f"https://blockchair.com/ethereum/block/{OTHER}", InputShape.BLOCK),
        ("see https://bscscan.com/block/1234", InputShape.BLOCK),
        (f"https://etherscan.io/address/0x{HEX[:40]}", InputShape.ADDRESS),
        (f"https://etherscan.io/token/0x{HEX[:40]}?a={OTHER}", InputShape.ADDRESS),
        (f"https://blockchair.com/bitcoin/transaction/{'g' * 9}", InputShape.FOREIGN),
        (HEX, InputShape.BARE),
        (f"look at {HEX}", InputShape.BARE),
        (f"private key: {OTHER}", InputShape.KEY),
        (f"PRIVATE_KEY={HEX}", InputShape.KEY),
        (f"мой приватный ключ {OTHER[:34]}\n{OTHER[34:]}", InputShape.KEY),
        (f"{OTHER} — это мой секретный ключ", InputShape.KEY),
        (f"key: {HEX}", InputShape.KEY),
    ],
)
def test_blocks_addresses_and_what_may_be_a_key_are_no_mentions(
    text: str, shape: InputShape
) -> None:
    assert find_tx_mentions([text]) == []
    assert classify_input(text) == (shape, 0)


@pytest.mark.parametrize(
    "text",
    [
        f"0x{HEX[:40]} {HEX[40:]}",
        f"0x{HEX[:40]}\n{HEX[40:]}",
        f"0x{HEX[:63]} a transfer",
        f"{HEX}{HEX}",
    ],
)
def test_what_stands_beside_digits_is_not_put_together_with_them(text: str) -> None:
    assert find_tx_mentions([text]) == []


@pytest.mark.parametrize(
    ("link", "foreign"),
    [
        (f"https://blockchair.com/bitcoin/transaction/{HEX}", "blockchair.com"),
        (f"https://blockchair.com/ethereum/testnet/transaction/{OTHER}", "blockchair.com"),
        (f"https://www.oklink.com/polygon/tx/{OTHER}", "oklink.com"),
        (f"https://www.oklink.com/sepolia/tx/{OTHER}", "oklink.com"),
    ],
)
def test_an_explorer_of_many_networks_is_judged_by_its_path(link: str, foreign: str) -> None:
    assert find_tx_mentions([link]) == [TxMention(OTHER, foreign=foreign)]


def test_each_hash_counts_once_and_the_link_beats_the_bare_one() -> None:
    texts = [f"{ONE} {TWO} {ONE}", f"https://bscscan.com/tx/{ONE}"]
    assert find_tx_mentions(texts) == [TxMention(TWO), TxMention(ONE, "bsc")]


def test_one_hash_on_two_explorers_is_asked_of_both() -> None:
    text = f"https://bscscan.com/tx/{ONE} https://etherscan.io/tx/{ONE}"
    assert find_tx_mentions([text]) == [TxMention(ONE, "bsc"), TxMention(ONE, "eth")]


def test_a_chain_that_the_operator_added_has_its_explorer_known() -> None:
    polygon = replace(ETHEREUM, key="matic", tx_url="https://polygonscan.com/tx/{hash}")
    text = f"https://polygonscan.com/tx/{ONE}"
    assert find_tx_mentions([text], [polygon]) == [TxMention(ONE, "matic")]


@pytest.mark.parametrize(
    ("text", "shape", "digits"),
    [
        ("0x1234", InputShape.SHORT, 4),
        (ONE + "00", InputShape.LONG, 66),
        (ONE[:-1] + "g", InputShape.STRAY, 64),
        ("1A" * 32, InputShape.BARE, 0),
        ("0x" + "Ab" * 20, InputShape.ADDRESS, 0),
        ("5" * 88, InputShape.SOLANA, 0),
        ("R" + "j" * 103, InputShape.ADDRESS, 0),
        ("T" + "9" * 33, InputShape.TRON, 0),
        ("bc1q" + "a" * 38, InputShape.BITCOIN, 0),
        ("EQ" + "a" * 46, InputShape.TON, 0),
        ("https://solscan.io/tx/5h6x", InputShape.FOREIGN, 0),
        ("https://sepolia.etherscan.io/tx/", InputShape.FOREIGN, 0),
        ("hello", InputShape.OTHER, 0),
        ("0x12 and more", InputShape.OTHER, 0),
        ("", InputShape.OTHER, 0),
    ],
)
def test_what_was_typed_instead_of_a_hash_is_recognised(
    text: str, shape: InputShape, digits: int
) -> None:
    assert classify_input(text) == (shape, digits)


def test_a_hash_packs_into_a_button_and_a_deep_link_and_back() -> None:
    for tx_hash in (ONE, TWO, "0x" + "ff" * 32, "0x" + "00" * 32):
        packed = pack_hash(tx_hash)
        assert len(packed) == 43
        assert unpack_hash(packed) == tx_hash


@pytest.mark.parametrize("packed", ["", "A", "A" * 42, "A" * 44, "!" * 43, "_" * 43, "ж" * 43])
def test_nothing_else_unpacks(packed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unpack_hash(packed)
