"""/bind: addresses checked before they are kept, and what is wrong said so that it helps."""

import hashlib

import pytest

from app.bot.renderer import ScreenRenderer
from app.core import clock
from app.db.models import Address, ShopSetting
from app.domain.addresses import detect_address, to_eip55
from tests.bot.conftest import BotUnderTest
from tests.bot.phone import check, labels, visible
from tests.bot.tracking.group import GroupPhone

LOWER = "0x55d398326f99059ff775485246999027b3197955"
CHECKED = to_eip55(LOWER)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def cellframe(net: int = 0x0404202200000000) -> str:
    """A right address of that network."""
    raw = b"\x01" + net.to_bytes(8, "little") + b"\x02\x01\x00\x00" + b"\x07" * 32
    number = int.from_bytes(raw + hashlib.sha3_256(raw).digest())
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    assert detect_address(digits).text == digits
    return digits


async def test_an_address_is_added_in_one_line(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send(f"/bind {CHECKED} My <b>wallet</b>")
    assert "Address added" in ben.text
    assert "My <b>wallet</b>" in ben.text
    assert CHECKED in ben.text
    assert "checksum" not in ben.text
    assert "Networks: Ethereum, BNB Smart Chain" in ben.text


async def test_without_a_checksum_it_is_taken_and_said(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send(f"/bind {LOWER}")
    assert "Address added" in ben.text
    assert "It carries no checksum" in ben.text
    await ben.send(f"/bind {LOWER}")
    assert "You already have this address" in ben.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (CHECKED.replace("d398", "D398"), "Контрольная сумма не сходится (EIP-55)"),
        (LOWER[:-1], "После 0x 39 знаков, а в адресе их ровно 40"),
        (LOWER[:-1] + "g", "лишний символ"),
        ("0x" + "ab" * 32, "Это хеш транзакции"),
        ("hello", "не похоже на адрес"),
        (cellframe()[:-1] + "x", "(SHA3-256)"),
        (cellframe(0x1807202300000000), "из другой сети Cellframe"),
    ],
)
async def test_each_mistake_is_named_and_the_next_message_is_another_try(
    tracker: BotUnderTest, typed: str, said: str
) -> None:
    anna = tracker.anna
    await anna.send(f"/bind {typed}")
    assert said in anna.text
    await anna.send(CHECKED)
    assert "Адрес добавлен" in anna.text


async def test_alone_it_lists_them_and_asks_by_a_button(tracker: BotUnderTest) -> None:
    anna = tracker.anna
    await anna.send("/bind")
    assert "Адресов пока нет" in anna.text
    await anna.tap("bind")
    assert "Какой адрес добавить?" in anna.text
    await anna.send(dice={"emoji": "🎲", "value": 3})
    assert "Какой адрес добавить?" in anna.text
    await anna.send(f"{cellframe()}\nМост")
    assert "Сети: Cellframe" in anna.text
    assert not any("поступлениях" in label for label in labels(anna.screen))
    await anna.tap("addresses")
    assert "Мост" in anna.text
    assert "Мост" in labels(anna.screen)


async def test_it_is_silenced_named_and_removed_by_buttons(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send(f"/bind {CHECKED}")
    answer = await ben.tap("incoming")
    assert answer is not None
    assert answer.text == "We won’t tell you of incoming transfers"
    assert "Not telling you of incoming transfers" in ben.text
    await ben.tap("alias")
    await ben.send("\u202e \n")
    assert "A name is a few words" in ben.text
    await ben.send("Savings")
    assert "📬 Savings" in ben.text
    await ben.tap("alias")
    await ben.tap("unalias")
    assert "Savings" not in ben.text
    await ben.tap("unbind")
    assert "No addresses yet" in ben.text


async def test_unbind_takes_an_address_or_its_name(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send(f"/bind {CHECKED} Savings")
    await ben.send("/unbind")
    assert "Savings" in ben.text
    await ben.send("/unbind Savings")
    assert "Address removed" in ben.text
    assert "No addresses yet" in ben.text
    await ben.send(f"/bind {CHECKED}")
    await ben.send(f"/unbind {CHECKED}")
    assert "No addresses yet" in ben.text


async def test_the_limit_is_named(tracker: BotUnderTest) -> None:
    async with tracker.deps.db.unit_of_work() as session:
        session.add(ShopSetting(name="address_limit", value=1, changed_at=clock.now()))
    ben = tracker.ben
    await ben.send(f"/bind {CHECKED}")
    await ben.send(f"/bind 0x{'1' * 40}")
    assert "You can keep up to 1" in ben.text


async def test_the_tokens_with_notifications_are_named(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send(f"/bind {CHECKED}")
    assert (
        "🔔 Telling you of incoming USDT, USDC, ETH, BNB (coins are seen when a wallet sends them,"
        " not when a contract does). We leave out tiny amounts, known as “dust”."
    ) in ben.text
    async with tracker.deps.db.unit_of_work() as session:
        value = [f"bsc:{LOWER}:USDT:18", f"eth:{LOWER}:USDT:6", f"other:{LOWER}:X:6"]
        session.add(ShopSetting(name="tokens", value=value, changed_at=clock.now()))
    tracker.change(shop=type(tracker.deps.shop)(tracker.deps.db))
    ben = tracker.ben
    await ben.send(f"/bind {CHECKED}")
    assert "Telling you of incoming USDT" in ben.text


async def test_a_long_list_has_pages_and_fits(tracker: BotUnderTest) -> None:
    ben = tracker.ben
    await ben.send("/start")
    async with tracker.deps.db.unit_of_work() as session:
        session.add_all(
            Address(
                user_id=ben.id,
                kind="evm",
                address=f"0x{number:040x}",
                label="<" * 64,
                notify_incoming=True,
                created_at=clock.now(),
            )
            for number in range(100)
        )
    await ben.send("/bind")
    assert len(labels(check(ben.screen))) == 13
    await ben.press("addresses:False:99")
    assert "‹ Newer" in labels(ben.screen)


async def test_an_address_sent_after_the_empty_list_is_added(tracker: BotUnderTest) -> None:
    await tracker.ben.send("/bind")
    await tracker.ben.send(CHECKED)
    assert "Address added" in tracker.ben.text


async def test_what_is_another_users_is_gone_for_others(tracker: BotUnderTest) -> None:
    await tracker.anna.send(f"/bind {CHECKED}")
    data = next(
        button.data
        for row in tracker.anna.screen.buttons
        for button in row
        if button.data and button.data.startswith("unbind")
    )
    await tracker.ben.send("/start")
    for stolen in (data, data.replace("unbind", "address"), data.replace("unbind", "alias")):
        answer = await tracker.ben.press(stolen)
        assert answer is not None
        assert answer.text == "This address isn’t among yours any more"
    await tracker.anna.send("/bind")
    assert "0x55d3…7955" in tracker.anna.text


async def test_in_a_group_it_points_to_the_private_chat(
    tracker: BotUnderTest, anna_there: GroupPhone
) -> None:
    await anna_there.send(f"/bind {CHECKED}")
    assert CHECKED not in anna_there.text
    await tracker.anna.send("/bind")
    assert "Адресов пока нет" in tracker.anna.text


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_notification_of_dust_can_be_read(language: str) -> None:
    screen = ScreenRenderer().render("incoming-more", {"count": 20}, language)
    assert "20" in visible(check(screen))
