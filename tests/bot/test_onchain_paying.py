"""Paying on chain in the chat: the network by its name, one card, and what operators see of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

from app.bot.i18n import LANGUAGES
from app.clients.balance import Balance
from app.core import clock
from app.core.money import Money
from app.db.models import AuditEntry, LedgerEntry, OnchainCursor, OnchainInvoice, OnchainTransfer
from app.domain.addresses import to_base58check
from app.domain.chains import ETHEREUM
from app.domain.exports import ExportKind
from app.domain.incidents import IncidentFinding, IncidentKind
from app.domain.onchain.addresses import AddressSigner, ChainFamily
from app.domain.onchain.states import OnchainState, TransferState
from app.domain.operator_roles import OperatorRole
from app.services.operations.exports.tables import stream_export_rows
from app.services.payments.methods import PaymentMethods
from app.services.payments.onchain.addresses import AddressBook
from app.services.payments.onchain.assignment import assign_final_transfers
from app.services.payments.onchain.provider import Onchain
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, labels
from tests.bot.shopping import open_order
from tests.conftest import Skip
from tests.support.fake_chains import FakeChains
from tests.support.staff import appoint

EVM_ADDRESS = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
TRON_ADDRESS = "0x" + "71" * 20
TX = "0x" + "ab" * 32
TETHER_BSC = "0x55d398326f99059ff775485246999027b3197955"


@dataclass
class OnchainShop:
    bot: BotUnderTest
    book: AddressBook
    onchain: Onchain

    async def rows(self) -> Sequence[OnchainInvoice]:
        async with self.bot.deps.db.read_only() as session:
            return (await session.scalars(select(OnchainInvoice))).all()

    async def arrive(
        self, amount: str, state: TransferState = TransferState.FINAL, number: int = 0
    ) -> None:
        """On BSC, as the chain's reader writes it down, and what becomes of it."""
        async with self.bot.deps.db.unit_of_work() as session:
            invoice = await session.scalar(select(OnchainInvoice.id).limit(1))
            session.add(
                OnchainTransfer(
                    chain="bsc",
                    tx_hash=TX,
                    ordinal=number,
                    block_number=120,
                    block_hash=TX,
                    block_at=clock.now(),
                    token=TETHER_BSC,
                    sender="0x" + "77" * 20,
                    recipient=EVM_ADDRESS,
                    units=Decimal(amount).scaleb(18),
                    state=state,
                    seen_at=clock.now(),
                    invoice_id=invoice if state is TransferState.MINED else None,
                )
            )
        await assign_final_transfers(self.bot.deps.db, "bsc")


@pytest.fixture
async def paid_on_chain(shop: BotUnderTest) -> OnchainShop:
    environment = {ChainFamily.EVM: EVM_ADDRESS, ChainFamily.TRON: TRON_ADDRESS}
    book = AddressBook(AddressSigner("key"), environment)
    onchain = Onchain(shop.deps.db, book.find_address, ("eth", "bsc", "tron"))
    shop.change(
        payment_methods=PaymentMethods([onchain, Balance()]),
        addresses=book,
        chains=FakeChains().registry,
    )
    now = clock.now()
    async with shop.deps.db.unit_of_work() as session:
        for chain in ("eth", "bsc", "tron"):
            session.add(
                OnchainCursor(
                    chain=chain,
                    number=100,
                    block_hash=TX,
                    block_at=now,
                    started_number=100,
                    moved_at=now,
                    head_number=125,
                )
            )
    await onchain.refresh()
    return OnchainShop(shop, book, onchain)


async def choose(phone: Phone, network: str = "usdt-bsc") -> None:
    await open_order(phone)
    await phone.tap("pay:")
    await tap_ending(phone, f":{network}")


async def tap_ending(phone: Phone, end: str) -> None:
    data = [one.data for row in phone.screen.buttons for one in row if one.data]
    await phone.tap(next(one for one in data if one.endswith(end)))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_three_taps_lead_from_the_order_to_the_exact_amount(
    paid_on_chain: OnchainShop, language: str
) -> None:
    phone = paid_on_chain.bot.phone_of(language)
    await open_order(phone)
    await phone.tap("pay:")
    assert labels(phone.screen)[:5] == [
        "USDT · TRON (TRC20)",
        "USDT · BNB Smart Chain (BEP20)",
        "USDT · Ethereum (ERC20)",
        "USDC · BNB Smart Chain (BEP20)",
        "USDC · Ethereum (ERC20)",
    ]
    warning = {"en": "token and network must be the same", "ru": "токен и сеть должны совпадать"}
    assert warning[language] in phone.text
    before = len(paid_on_chain.bot.sender.chats[phone.id])
    await tap_ending(phone, ":usdt-tron")
    assert len(paid_on_chain.bot.sender.chats[phone.id]) == before
    (invoice,) = await paid_on_chain.rows()
    amount = f"{Decimal(invoice.amount_micro) / 10**6:.4f}"
    address = to_base58check(TRON_ADDRESS)
    assert f"<code>{amount}</code> USDT" in phone.screen.text
    assert f"<b>{address[:6]}</b>{address[6:-6]}<b>{address[-6:]}</b>" in phone.screen.text
    assert [button.copy for row in phone.screen.buttons for button in row if button.copy] == [
        amount,
        address,
    ]
    assert {"en": "must arrive", "ru": "Дойти должно"}[language] in phone.text
    await phone.tap("ocqr")
    assert callable(phone.screen.photo)
    assert phone.screen.photo().startswith(b"\x89PNG")


async def test_only_what_can_be_paid_and_read_is_offered(paid_on_chain: OnchainShop) -> None:
    """One network's trouble hides that network, and no other."""
    bot, ben = paid_on_chain.bot, paid_on_chain.bot.ben
    bot.deps.status.findings = [IncidentFinding(IncidentKind.CHAIN, ETHEREUM.title, "away")]
    paid_on_chain.book.note_frozen("bsc", EVM_ADDRESS, frozenset({TETHER_BSC}))
    olga = bot.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    await olga.tap("oc:")
    await olga.tap("ocnet:usdt-tron")
    assert "⚪️ USDT · TRON (TRC20) · switched off" in olga.text
    assert "🚨 USDT · BNB Smart Chain (BEP20) · our address is frozen" in olga.text
    await open_order(ben)
    await ben.tap("pay:")
    assert labels(ben.screen)[0] == "USDC · BNB Smart Chain (BEP20)"
    assert "↔️ Pay another way" in "".join(labels(ben.screen)[1:])
    await olga.tap("ocnet:usdt-tron")
    assert "🟢 USDT · TRON (TRC20)" in olga.text


async def test_the_card_moves_with_the_chain(paid_on_chain: OnchainShop, skip: Skip) -> None:
    ben = paid_on_chain.bot.ben
    await choose(ben)
    (invoice,) = await paid_on_chain.rows()
    amount = f"{Decimal(invoice.amount_micro) / 10**6}"
    await paid_on_chain.arrive(amount, TransferState.MINED)
    await set_state(paid_on_chain, OnchainState.MINED)
    await ben.tap("ocsent")
    assert "Then you’re done" in ben.text or "then you’re done" in ben.text.lower()
    await ben.tap("occard")
    assert "in a block of BNB Smart Chain" in ben.text
    assert "Blocks upon it: 5" in ben.text
    skip(timedelta(hours=2))
    await set_state(paid_on_chain, OnchainState.EXPIRED)
    await ben.tap("occard")
    assert "This invoice is closed" in ben.text


@pytest.mark.parametrize(
    ("contract", "said"),
    [(TETHER_BSC, "on its way to a block"), ("0x" + "b2" * 20, "don’t see that transfer")],
)
async def test_a_hash_that_waits_in_the_pool_is_seen(
    paid_on_chain: OnchainShop, contract: str, said: str
) -> None:
    """Only where it calls the token that is to be paid with; and no money moves by it."""
    chains = FakeChains()
    paid_on_chain.bot.change(chains=chains.registry)
    waiting = chains.bsc.send(TX)
    chains.bsc.node_txs[TX] = replace(waiting, details=replace(waiting.details, recipient=contract))
    ben = paid_on_chain.bot.ben
    await choose(ben)
    await ben.tap("ocsent")
    await ben.send(TX)
    assert said in ben.text
    (invoice,) = await paid_on_chain.rows()
    is_seen = contract == TETHER_BSC
    assert (invoice.state is OnchainState.SEEN) == is_seen
    await ben.tap("occard")
    assert ("We see your transfer" in ben.text) == is_seen
    assert await count_entries(paid_on_chain.bot) == 0


async def set_state(shop: OnchainShop, state: OnchainState) -> None:
    async with shop.bot.deps.db.engine.begin() as sql:
        await sql.execute(text(f"UPDATE onchain_invoices SET state = '{state}'"))


async def test_an_address_that_was_never_set_here_is_not_shown(paid_on_chain: OnchainShop) -> None:
    """The thirteenth invariant: also where the invoice was changed."""
    ben = paid_on_chain.bot.ben
    await choose(ben)
    async with paid_on_chain.bot.deps.db.engine.begin() as sql:
        await sql.execute(text(f"UPDATE onchain_invoices SET address = '0x{'66' * 20}'"))
    await ben.tap("ocsent")
    await ben.tap("occard")
    assert "666666" not in ben.text.lower()


async def test_what_fits_no_invoice_is_given_to_its_sender_by_a_second_tap(
    paid_on_chain: OnchainShop,
) -> None:
    bot, ben = paid_on_chain.bot, paid_on_chain.bot.ben
    await choose(ben)
    (invoice,) = await paid_on_chain.rows()
    short = f"{Decimal(invoice.amount_micro) / 10**6 - Decimal('0.3')}"
    await paid_on_chain.arrive(short)
    await ben.tap("ocsent")
    await ben.send("no hash")
    assert "64 characters" in ben.text
    await ben.send(f"https://bscscan.com/tx/{TX}")
    assert "an operator looks at it" in ben.text
    olga = bot.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    await olga.tap("oc:")
    await olga.tap("octxs:0:1")
    await olga.tap("octx:")
    assert f"{BEN} says it is theirs" in olga.text
    assert f"≈ {BEN} was asked for" in olga.text
    await tap_ending(olga, f":{BEN}")
    assert await count_entries(bot) == 0
    await olga.tap("ocdo")
    assert await count_entries(bot) == 1
    assert "credited." in olga.text
    assert "Credited by a claim, or by an operator." in olga.text
    async with bot.deps.db.read_only() as session:
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert {"onchain_viewed", "onchain_assigned"} <= set(actions)


async def test_what_is_no_customers_is_dismissed_with_a_reason(paid_on_chain: OnchainShop) -> None:
    bot = paid_on_chain.bot
    await paid_on_chain.arrive("250")
    olga = bot.phone(OLGA, "Olga", "en")
    await olga.send("/admin")
    await olga.tap("oc:")
    assert "❗️ Nobody’s so far: 1" in labels(olga.screen)
    await olga.tap("octxs:0:1")
    await olga.tap("octx:")
    await olga.tap("ocdrop")
    await olga.send("My own test")
    assert "Dismissed, or dust." in olga.text
    async with bot.deps.db.read_only() as session:
        entry = await session.scalar(
            select(AuditEntry).where(AuditEntry.action == "onchain_dismissed")
        )
    assert entry is not None
    assert entry.details["reason"] == "My own test"
    await olga.tap("octxs")
    await olga.tap("oc:")
    await olga.tap("octxs:0:1")
    assert "All that arrived has its owner" in olga.text


async def test_support_sees_no_money_that_arrives(paid_on_chain: OnchainShop) -> None:
    bot = paid_on_chain.bot
    await appoint(bot.deps.db, ANNA, OperatorRole.SUPPORT)
    anna = bot.phone(ANNA, "Anna", "en")
    await anna.send("/admin")
    assert "⛓ On-chain payments" not in labels(anna.screen)


async def test_the_books_have_each_transfer_with_its_value_and_verdict(
    paid_on_chain: OnchainShop,
) -> None:
    bot, ben = paid_on_chain.bot, paid_on_chain.bot.ben
    await choose(ben)
    (invoice,) = await paid_on_chain.rows()
    amount = Decimal(invoice.amount_micro) / 10**6
    await paid_on_chain.arrive(f"{amount}")
    await paid_on_chain.arrive("7.5", number=1)
    async with bot.deps.db.unit_of_work() as session:
        batches = [batch async for batch in stream_export_rows(session, ExportKind.ONCHAIN)]
    rows = [row._asdict() for batch in batches for row in batch]
    assert [
        (
            row["chain"],
            row["symbol"],
            row["ordinal"],
            Decimal(row["amount"]).normalize(),
            row["value"],
            row["rate"],
            row["rate_source"],
            row["order_id"],
            row["user_id"],
            row["verdict"],
            row["assigned_by"],
        )
        for row in rows
    ] == [
        (
            "bsc",
            "USDT",
            0,
            amount.normalize(),
            Money(499, "USD"),
            "1",
            "one to one",
            invoice.purchase_id,
            BEN,
            "matched",
            "matcher",
        ),
        ("bsc", "USDT", 1, Decimal("7.5"), None, None, None, None, None, "unmatched", "matcher"),
    ]


async def count_entries(bot: BotUnderTest) -> int:
    async with bot.deps.db.read_only() as session:
        return await session.scalar(select(func.count()).select_from(LedgerEntry)) or 0
