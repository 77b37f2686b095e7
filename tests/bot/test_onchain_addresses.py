"""An owner sets the address that buyers pay to: two steps, a day's delay, and never in silence."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.bot.renderer import ScreenRenderer
from app.clients.chains.evm.chain import RpcEvmChain
from app.db.models import AttentionItem, AuditEntry, OutboxMessage
from app.domain.chains import BSC, ETHEREUM
from app.domain.onchain.addresses import AddressSigner, ChainFamily
from app.domain.operator_roles import OperatorRole
from app.services.notifications.notify import resolve_operators
from app.services.operations.onchain_addresses import check_addresses
from app.services.payments.methods import PaymentMethods
from app.services.payments.onchain.addresses import AddressBook
from app.services.payments.onchain.provider import Onchain
from app.services.tracking.chains import Chains
from sandbox.world import WorldServer
from sandbox.world.chains.evm.lookup import get_evm_chain
from tests.bot.conftest import OLGA, BotUnderTest
from tests.bot.phone import Phone, check, labels, visible
from tests.conftest import Skip
from tests.support.staff import appoint

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
OTHER = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
TETHER = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
DAY = timedelta(days=1, seconds=1)


@pytest.fixture
async def bot(closed_shop: BotUnderTest, world: WorldServer) -> AsyncIterator[BotUnderTest]:
    """Takes payments on chains, and reads those of the world."""
    chains = [RpcEvmChain(spec, [f"{world.url}/chains/{spec.key}/1"]) for spec in (ETHEREUM, BSC)]
    change_book(closed_shop, {})
    closed_shop.change(chains=Chains(chains))
    yield closed_shop
    for chain in chains:
        await chain.aclose()


def change_book(bot: BotUnderTest, environment: Mapping[ChainFamily, str]) -> None:
    book = AddressBook(AddressSigner("key"), environment)
    onchain = Onchain(bot.deps.db, book.find_address, ())
    bot.change(addresses=book, payment_methods=PaymentMethods([onchain]))


def book_of(bot: BotUnderTest) -> AddressBook:
    assert bot.deps.addresses is not None
    return bot.deps.addresses


async def find(bot: BotUnderTest) -> str | None:
    async with bot.deps.db.read_only() as session:
        return await book_of(bot).find_address(session, "evm")


async def notified(bot: BotUnderTest) -> list[str]:
    """What waits for the operators now, once each is one's own."""
    async with bot.deps.db.unit_of_work() as session:
        await resolve_operators(session, (OLGA,))
    async with bot.deps.db.read_only() as session:
        rows = await session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.chat_id == OLGA, OutboxMessage.status == "waiting")
            .order_by(OutboxMessage.id)
        )
        screens = [check(ScreenRenderer().render(row.template, row.values, "en")) for row in rows]
    return [visible(screen).partition("\n")[0] for screen in screens]


async def open_addresses(owner: Phone) -> None:
    await owner.send("/admin")
    await owner.tap("oc:")
    await owner.tap("ocaddr")


async def type_address(bot: BotUnderTest, address: str) -> Phone:
    owner = bot.phone(OLGA, "Olga", "en")
    await open_addresses(owner)
    await owner.tap("ocset:evm")
    await owner.send(address)
    return owner


async def set_address(bot: BotUnderTest, address: str) -> Phone:
    owner = await type_address(bot, address)
    await owner.send(address[-6:])
    return owner


async def test_it_is_shown_with_what_the_chains_say_and_confirmed_by_its_end(
    bot: BotUnderTest, skip: Skip
) -> None:
    owner = await type_address(bot, ADDRESS)
    assert "<b>0x5aAe</b>b6053F3E94C9b9A09f33669435E7Ef<b>1BeAed</b>" in owner.screen.text
    assert "On Ethereum it holds 0 USDT" in owner.text
    assert "On BNB Smart Chain it holds 0 USDT" in owner.text
    assert "deposit address of an exchange" in owner.text
    await owner.send("1BeAed".lower())
    assert "not how it ends" in owner.text
    await owner.send(ADDRESS)
    await owner.send("1BeAed")
    assert "⏳ From" in owner.text
    assert await find(bot) is None
    assert await notified(bot) == ["⛓ A new Ethereum and BSC address for payments"]
    skip(DAY)
    assert await find(bot) == ADDRESS.lower()
    assert await notified(bot) == [
        "⛓ A new Ethereum and BSC address for payments",
        "⛓ Buyers now pay to this Ethereum and BSC address",
    ]
    async with bot.deps.db.read_only() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
    assert (entry.actor, entry.action, entry.subject, entry.details["new"]) == (
        "user:1003",
        "onchain_address_set",
        "onchain:evm",
        ADDRESS.lower(),
    )


async def test_until_it_takes_effect_it_can_be_cancelled(bot: BotUnderTest, skip: Skip) -> None:
    await set_address(bot, ADDRESS)
    skip(DAY)
    owner = await set_address(bot, OTHER)
    await owner.tap("ocset:tron")  # the other family is not held up
    await owner.tap("ocaddr")
    await owner.tap("ocunset")
    assert await notified(bot) == [
        "⛓ A new Ethereum and BSC address for payments",
        "⛓ Buyers now pay to this Ethereum and BSC address",
        "⛓ A new Ethereum and BSC address for payments",
        "⛓ The new Ethereum and BSC address was cancelled",
    ]
    skip(2 * DAY)
    assert await find(bot) == ADDRESS.lower()
    assert len(await notified(bot)) == 4


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (ADDRESS.lower(), "capitals and small letters"),
        (TETHER, "Nobody can own that address"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "belongs to the other network"),
    ],
)
async def test_what_is_none_can_be_sent_again(bot: BotUnderTest, typed: str, said: str) -> None:
    owner = await type_address(bot, typed)
    assert said in owner.text
    await owner.send(ADDRESS)
    assert "last 6 characters" in owner.text


async def test_none_is_set_while_a_token_counts_otherwise(
    bot: BotUnderTest, world: WorldServer
) -> None:
    """Amounts would be wrong by powers of ten: 18 decimals and 6 were mixed up by others."""
    chain = get_evm_chain(world.world, "bsc")
    tokens = tuple(replace(token, decimals=6) for token in chain.spec.tokens)
    chain.spec = replace(chain.spec, tokens=tokens)
    owner = await type_address(bot, ADDRESS)
    assert "another number of decimals" in owner.text
    await owner.send(ADDRESS[-6:])
    assert await notified(bot) == []


async def test_one_on_a_blacklist_is_warned_of_and_later_closed(
    bot: BotUnderTest, world: WorldServer, skip: Skip
) -> None:
    owner = await set_address(bot, ADDRESS)
    skip(DAY)
    chains = bot.deps.chains
    await check_addresses(bot.deps.db, book_of(bot), chains)
    assert not book_of(bot).is_frozen("eth", TETHER.lower(), ADDRESS.lower())
    get_evm_chain(world.world, "eth").state.frozen.append(ADDRESS.lower())
    for _ in range(2):
        await check_addresses(bot.deps.db, book_of(bot), chains)
    assert book_of(bot).is_frozen("eth", TETHER.lower(), ADDRESS.lower())
    assert not book_of(bot).is_frozen("bsc", TETHER.lower(), ADDRESS.lower())
    assert (await notified(bot))[-1] == "🚨 Our address is frozen: USDT, USDC"
    owner = await type_address(bot, ADDRESS)
    assert "on the blacklist of USDT, USDC" in owner.text


async def test_a_row_that_was_changed_in_the_database_is_shown_to_nobody(
    bot: BotUnderTest, skip: Skip
) -> None:
    """P12, and the thirteenth invariant of on-chain payments."""
    owner = await set_address(bot, ADDRESS)
    skip(DAY)
    for change in (f"address = '{OTHER.lower()}'", "effective_at = now()", "set_by = 1"):
        async with bot.deps.db.engine.begin() as sql:
            await sql.execute(text(f"UPDATE onchain_addresses SET {change}"))
        assert await find(bot) is None
    async with bot.deps.db.read_only() as session:
        assert not await book_of(bot).is_ours(session, "evm", OTHER.lower())
    for _ in range(2):
        await check_addresses(bot.deps.db, book_of(bot), Chains())
    async with bot.deps.db.read_only() as session:
        items = (await session.scalars(select(AttentionItem.template))).all()
    assert items == ["operator-onchain-address-changed"]
    await open_addresses(owner)
    assert "changed past this bot" in owner.text
    await owner.send("/admin")
    await owner.tap("attention")
    assert "🚨 Address changed in the database" in "".join(labels(owner.screen))


async def test_the_environments_holds_at_once_and_stays_known_after_another(
    bot: BotUnderTest,
) -> None:
    family = ChainFamily.EVM
    for address in (ADDRESS.lower(), OTHER.lower()):
        change_book(bot, {family: address})
        for _ in range(2):
            await check_addresses(bot.deps.db, book_of(bot), Chains())
        assert await find(bot) == address
    assert await notified(bot) == ["⛓ Buyers now pay to this Ethereum and BSC address"] * 2
    async with bot.deps.db.read_only() as session:
        assert await book_of(bot).is_ours(session, "evm", ADDRESS.lower())
    owner = bot.phone(OLGA, "Olga", "en")
    await open_addresses(owner)
    assert "From the service’s environment" in owner.text
    assert "✏️ Set the TRON address" in labels(owner.screen)
    assert "✏️ Set the Ethereum and BSC address" not in labels(owner.screen)


async def test_for_others_and_without_a_secret_there_is_no_such_page(bot: BotUnderTest) -> None:
    sam = bot.phone(1007, "Sam", "en")
    await appoint(bot.deps.db, 1007, OperatorRole.MANAGER)
    await sam.send("/admin")
    await sam.tap("oc:")
    assert "✏️ Payment addresses" not in labels(sam.screen)
    bot.change(addresses=None)
    owner = bot.phone(OLGA, "Olga", "en")
    await owner.send("/admin")
    assert "⛓ On-chain payments" not in labels(owner.screen)
