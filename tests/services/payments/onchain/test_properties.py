"""Random histories against a simple model: what is final is assigned once, and money adds up.

Invoices, transfers of every kind, reorganisations, endpoints that lie, lag, refuse and die, loops
that run twice and processes that end between any two commits. Time stands still here: what it
changes is in test_assignment.py.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import EntryKind, LedgerEntry, OnchainInvoice, OnchainTransfer
from app.db.unit_of_work import Database
from app.domain.onchain.amounts import DUST_MICRO, compute_value, to_micro, to_token_units
from app.domain.onchain.networks import find_network, get_network
from app.domain.onchain.states import build_transfer_key
from app.domain.ports import UnavailableError
from app.services.payments.onchain.reading import ChainPayments
from app.services.payments.onchain.rounds import read_chain_payments
from app.services.users import TelegramProfile, upsert_user
from tests.support.onchain import OnchainStall, require_network
from tests.support.stall import Stall
from tests.support.token_chain import TokenEndpoint, enlarge, omit_all, repeat

_users = count(20_000)
_CHAINS: Final = ("bsc", "eth")
_NETWORKS: Final = ("usdt-bsc", "usdt-eth", "usdc-bsc")
_FAKE: Final = "0x" + "fa" * 20
_KINDS: Final = ("exact", "under", "over", "dust", "zero", "fake", "batch", "elsewhere")

_chain = st.sampled_from(_CHAINS)
_troubles = st.sampled_from(["omit", "repeat", "enlarge", "lag", "final", "down", "refuse", "tag"])
_steps = st.one_of(
    st.tuples(st.just("order"), st.sampled_from(_NETWORKS)),
    st.tuples(st.just("send"), st.sampled_from(_KINDS), st.integers(0, 5)),
    st.tuples(st.just("mine"), _chain, st.integers(1, 7)),
    st.tuples(st.just("reorganise"), _chain, st.integers(1, 5), st.booleans()),
    st.tuples(st.just("read"), _chain),
    st.tuples(st.just("crash"), _chain, st.integers(0, 4)),
    st.tuples(st.just("twice"), _chain),
    st.tuples(st.just("arrive"), st.sampled_from(_NETWORKS), st.integers(0, 2), _troubles),
    st.tuples(
        st.just("trouble"),
        _chain,
        st.integers(0, 2),
        _troubles,
    ),
)
_histories = settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class CrashError(Exception):
    """The process ends here."""


class CrashingDatabase(Database):
    """Ends its process when the next unit of work would begin after so many commits."""

    commits_left = 0

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        if self.commits_left == 0:
            raise CrashError
        self.commits_left -= 1
        async with super().unit_of_work() as session:
            yield session


@dataclass
class History:
    shop: OnchainStall
    invoices: list[OnchainInvoice] = field(default_factory=list)
    started: dict[str, int] = field(default_factory=dict)

    async def order(self, network: str) -> None:
        user = next(_users)
        await upsert_user(self.shop.stall.db, TelegramProfile(user, "N", None, "en"))
        order = await self.shop.stall.order(user)
        self.invoices.append(await self.shop.open(order, network))

    async def send(self, kind: str, place: int) -> None:
        if not self.invoices:
            return
        event(kind)
        invoice = self.invoices[-1 - place % len(self.invoices)]
        network = require_network(invoice.network)
        if kind == "elsewhere":
            network = require_network("usdc-eth")
        more = {"under": -300_000, "over": 300_000}.get(kind, 0)
        micro = {"dust": DUST_MICRO - 1, "zero": 0}.get(kind, invoice.amount_micro + more)
        contract = _FAKE if kind == "fake" else network.contract
        move = (contract, invoice.address, to_token_units(micro, network.decimals))
        self.shop.chains[network.chain].send(*[move] * (2 if kind == "batch" else 1))

    async def mine(self, chain: str, blocks: int) -> None:
        self.shop.chains[chain].mine(blocks)

    async def reorganise(self, chain: str, depth: int, keeps: bool) -> None:  # noqa: FBT001
        self.shop.chains[chain].reorganise(depth, keeps=keeps)

    async def read(self, chain: str) -> None:
        await self.shop.read(chain)

    async def crash(self, chain: str, commits: int) -> None:
        """After so many commits of a round; another process begins with what they left."""
        db = CrashingDatabase(self.shop.stall.db.engine, list[str]().append)
        db.commits_left = commits
        reader = ChainPayments(db, self.shop.chains[chain], self.shop.addresses.find_address)
        try:
            await read_chain_payments(reader, self.shop.onchain)
        except CrashError:
            event("crashed")
        self.shop.readers[chain] = self.shop.make_reader(chain)

    async def twice(self, chain: str) -> None:
        """Two loops at the same moment."""
        first, second = self.shop.readers[chain], self.shop.make_reader(chain)
        await asyncio.gather(
            read_chain_payments(first, self.shop.onchain),
            read_chain_payments(second, self.shop.onchain),
        )

    async def trouble(self, chain: str, place: int, what: str) -> None:
        """One endpoint at a time is in trouble, and only one."""
        endpoints = self.shop.chains[chain].endpoints
        endpoints[:] = [TokenEndpoint(name) for name in "abc"]
        lies = {"omit": omit_all, "repeat": repeat, "enlarge": enlarge}
        one = endpoints[place]
        one.tells = lies.get(what)
        one.lag = 3 if what == "lag" else 0
        one.final_lag = {"final": 2, "lag": 1}.get(what, 0)
        one.is_down = what == "down"
        one.refuses_logs = what == "refuse"
        one.knows_final = what != "tag"

    async def arrive(self, network: str, place: int, what: str) -> None:
        """A payment becomes final while an endpoint is in trouble, and is settled all the same."""
        await self.order(network)
        await self.send("exact", 0)
        chain = require_network(network).chain
        await self.trouble(chain, place, what)
        self.shop.chains[chain].mine(8)
        await self.shop.read(chain)
        assert (await self.shop.stall.again(self.invoices[-1])).state == "paid", what

    async def end(self) -> None:
        """All is mined and final; endpoints are well."""
        for chain in _CHAINS:
            await self.trouble(chain, 0, "none")
            self.shop.chains[chain].finalize()
            await self.shop.read(chain)

    def expect(self) -> dict[str, tuple[str, int]]:
        """Of each final transfer of a listed token: its verdict, and the cents that it is worth."""
        slots = {(one.address, one.amount_micro): one for one in self.invoices}
        found: dict[str, tuple[str, int]] = {}
        for chain in _CHAINS:
            blocks = self.shop.chains[chain].blocks
            for block in blocks[self.started[chain] + 1 : self.shop.chains[chain].final + 1]:
                for tx in block.txs:
                    for ordinal, (token, to, units) in enumerate(tx.moves):
                        network = find_network(chain, token)
                        if network is None:
                            continue
                        micro = to_micro(units, network.decimals)
                        slot = slots.get((to, micro))
                        key = build_transfer_key(chain, tx.hash, ordinal)
                        cents = compute_value(micro, "USD")
                        assert cents is not None
                        if slot is not None and units:
                            is_chosen = network == get_network(slot.network)
                            found[key] = ("paid" if is_chosen else "balance", cents.minor)
                        else:
                            verdict = "ignored" if micro < DUST_MICRO else "unmatched"
                            found[key] = (verdict, 0)
        return found


async def _check(history: History) -> None:
    """Invariants 1, 2, 3, 4, 7, 8 and 9, whatever has happened so far."""
    stall, expected = history.shop.stall, history.expect()
    transfers = {
        build_transfer_key(one.chain, one.tx_hash, one.ordinal): one
        for one in await stall.rows(OnchainTransfer, OnchainTransfer.state == "final")
    }
    entries = {
        entry.key.removeprefix("payment:onchain:"): entry
        for entry in await stall.rows(LedgerEntry, LedgerEntry.kind == EntryKind.PAYMENT)
    }
    assert set(transfers) <= set(expected), "read above the final block"
    assert set(entries) <= set(transfers), "money without a final transfer"
    for key, transfer in transfers.items():
        verdict, cents = expected[key]
        if transfer.assignment is None:
            assert key not in entries
            continue
        allowed = {"paid": {"matched", "balance"}}.get(verdict, {verdict})
        assert transfer.assignment in allowed, key
        assert (key in entries) == (verdict in {"paid", "balance"})
        if key in entries:
            assert entries[key].amount_minor == transfer.credited_minor == cents
    matched = [one.invoice_id for one in transfers.values() if one.assignment == "matched"]
    assert len(matched) == len(set(matched)), "an order was sold twice"


async def _list_unassigned(history: History) -> list[str]:
    """At the end none; each order that was paid is sold, and the ledger holds what was credited."""
    stall, expected = history.shop.stall, history.expect()
    transfers = await stall.rows(OnchainTransfer, OnchainTransfer.state == "final")
    assert len(transfers) == len(expected)
    paid = {one.invoice_id for one in transfers if one.assignment == "matched"}
    for invoice in history.invoices:
        fresh = await stall.again(invoice)
        assert (fresh.state == "paid") == (invoice.id in paid)
    async with stall.db.read_only() as session:
        booked = await session.scalar(
            select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0)).where(
                LedgerEntry.kind == EntryKind.PAYMENT
            )
        )
    assert booked == sum(one.credited_minor or 0 for one in transfers)
    return [one.tx_hash for one in transfers if one.assignment is None]


@_histories
@given(steps=st.lists(_steps, min_size=8, max_size=30))
async def test_whatever_happens_money_adds_up(
    stall: Stall, steps: Sequence[tuple[object, ...]]
) -> None:
    history = await _begin(stall)
    for name, *values in steps:
        act: Callable[..., Awaitable[None]] = getattr(history, str(name))
        try:
            await act(*values)
        except UnavailableError:
            event("unavailable")
        await _check(history)
    await history.end()
    await _check(history)
    assert await _list_unassigned(history) == []


_begun: dict[int, History] = {}


async def _begin(stall: Stall) -> History:
    """One shop for all histories of a test: its chains go on."""
    if id(stall) not in _begun:
        shop = OnchainStall(stall)
        await shop.begin()
        _begun[id(stall)] = History(
            shop, started={key: chain.final for key, chain in shop.chains.items()}
        )
    return _begun[id(stall)]
