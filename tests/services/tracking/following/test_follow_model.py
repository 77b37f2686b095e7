"""Whatever a chain and its endpoints do: each milestone once, nothing untrue, every watch ends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import clock
from app.db.models import OutboxMessage, Transaction, Watch
from app.domain.chains import ETHEREUM, TRON, ChainSpec
from app.domain.ports import UnavailableError
from app.domain.shop_settings import ShopSettings
from app.domain.tracking import TxState, WatchMode
from app.services.tracking.following.follow import Follower, follow_chain
from tests.conftest import Skip
from tests.support.model_chain import Endpoint, ModelBlock, ModelChain, ModelTx, a_hash, quick_spec
from tests.support.stall import ANNA, Stall

Step = str | timedelta | tuple[str, int, str, bool]

CHAINS = count(1)
STEPS = st.one_of(
    st.sampled_from(["send", "send failing", "await", "appear", "replace", "drop", "resend"]),
    st.sampled_from(["mine", "mine", "mine 3", "mine 12", "mine none"]),
    st.tuples(
        st.just("reorg"),
        st.integers(1, 5),
        st.sampled_from(["again", "pool", "gone", "replaced"]),
        st.booleans(),
    ),
    st.sampled_from(["race", "restart"]),
    st.sampled_from(["lag", "stale", "down", "dies", "heal", "prefer other"]),
    st.sampled_from([timedelta(seconds=20), timedelta(minutes=2)]),
)


@dataclass
class History:
    """What really happened on the chain, as far as notifications may speak of it."""

    chain: ModelChain
    txs: list[ModelTx] = field(default_factory=list)
    included: dict[str, set[str]] = field(default_factory=dict)
    failed: set[tuple[str, str]] = field(default_factory=set)
    orphaned: set[str] = field(default_factory=set)
    rivals: dict[str, ModelTx] = field(default_factory=dict)
    unsent: list[ModelTx] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def new_tx(self, *, fails: bool = False) -> ModelTx:
        number = next(self.numbers)
        tx = ModelTx(a_hash(self.chain.spec.key, number), f"0x{number:040x}", 0, fails)
        self.txs.append(tx)
        return tx

    def note(self, blocks: list[ModelBlock]) -> None:
        for block in blocks:
            for tx in block.txs:
                self.included.setdefault(tx.hash, set()).add(block.hash)
                if tx.fails:
                    self.failed.add((tx.hash, block.hash))

    def mine(self, number: int = 1, take: int | None = None) -> None:
        before = len(self.chain.blocks)
        self.chain.mine(number, take=take)
        self.note(self.chain.blocks[before:])

    def replace(self, tx: ModelTx) -> ModelTx:
        rival = ModelTx(a_hash("rival of", tx.hash), tx.sender, tx.nonce)
        self.rivals[tx.hash] = rival
        return rival

    def reorg(self, depth: int, fate: str, *, longer: bool) -> None:
        old = list(self.chain.blocks)
        gone = self.chain.reorg(depth)
        removed = old[len(self.chain.blocks) :]
        self.orphaned |= {block.hash for block in removed}
        if fate == "replaced" and self.chain.has_nonces:
            known = set(self.rivals) | {rival.hash for rival in self.rivals.values()}
            self.chain.pool += [self.replace(tx) for tx in gone if tx.hash not in known]
            self.chain.pool += [tx for tx in gone if tx.hash in known]
        elif fate != "gone":
            self.chain.pool += gone
        take = 0 if fate == "pool" else None
        self.mine(len(removed) + longer, take)

    def fates_of(self, tx: ModelTx) -> set[TxState]:
        if self.chain.find_block(tx.hash):
            return {TxState.FINAL}
        rival = self.rivals.get(tx.hash)
        if rival is None or rival.hash not in self.included:
            return {TxState.DROPPED}
        if self.chain.find_block(rival.hash):
            return {TxState.REPLACED}
        # What replaced it was lost too, perhaps before anybody looked.
        return {TxState.REPLACED, TxState.DROPPED}


class Trial:
    """One history, with the product following it."""

    def __init__(self, stall: Stall, skip: Skip, base: ChainSpec) -> None:
        self.stall, self.skip = stall, skip
        chain = ModelChain(quick_spec(f"m{next(CHAINS)}", base))
        self.chain, self.history = chain, History(chain)
        self.followers = [Follower(stall.db, chain), Follower(stall.db, chain)]
        self.watched: list[ModelTx] = []

    async def step(self, step: Step) -> None:
        if isinstance(step, timedelta):
            self.skip(step)
        elif isinstance(step, tuple):
            _, depth, fate, longer = step
            before = list(self.chain.blocks)
            self.history.reorg(depth, fate, longer=longer)
            self.spare_stale(before)
        else:
            await self.actions[step]()

    def spare_stale(self, before: list[ModelBlock]) -> None:
        """An endpoint that is set stale does not know the reorganisation."""
        for endpoint in self.chain.endpoints:
            if endpoint.branch is not None:
                endpoint.branch = before

    @property
    def actions(self) -> dict[str, Callable[[], Awaitable[None]]]:
        history, chain = self.history, self.chain

        async def now(act: Callable[[], object]) -> None:
            act()

        first = chain.endpoints[chain.preferred]
        return {
            "send": lambda: self.send(fails=False),
            "send failing": lambda: self.send(fails=True),
            "await": self.wait_for_one,
            "appear": lambda: now(lambda: chain.pool.extend(self.take_unsent())),
            "replace": lambda: now(self.replace_one),
            "drop": lambda: now(lambda: chain.pool and chain.pool.pop()),
            "resend": lambda: now(self.resend),
            "mine": lambda: now(history.mine),
            "mine 3": lambda: now(lambda: history.mine(3)),
            "mine 12": lambda: now(lambda: history.mine(12)),
            "mine none": lambda: now(lambda: history.mine(1, take=0)),
            "pass": self.follow_once,
            "race": self.race,
            "restart": lambda: now(self.restart),
            "lag": lambda: now(lambda: setattr(first, "lag", 4)),
            "stale": lambda: now(lambda: setattr(first, "branch", list(chain.blocks))),
            "down": lambda: now(lambda: setattr(first, "is_down", True)),
            "dies": lambda: now(lambda: setattr(first, "dies_after", 2)),
            "heal": lambda: now(self.heal),
            "prefer other": lambda: now(self.prefer_other),
        }

    async def send(self, *, fails: bool) -> None:
        tx = self.history.new_tx(fails=fails)
        self.chain.send(tx)
        await self.watch(tx, TxState.PENDING if self.chain.has_nonces else TxState.UNKNOWN)

    async def wait_for_one(self) -> None:
        tx = self.history.new_tx()
        self.history.unsent.append(tx)
        await self.watch(tx, TxState.UNKNOWN)

    def take_unsent(self) -> list[ModelTx]:
        unsent, self.history.unsent = self.history.unsent, []
        return unsent

    async def watch(self, tx: ModelTx, state: TxState) -> None:
        now, key = clock.now(), self.chain.spec.key
        is_known = state is not TxState.UNKNOWN
        self.watched.append(tx)
        async with self.stall.db.unit_of_work() as session:
            session.add(
                Transaction(
                    chain=key,
                    tx_hash=tx.hash,
                    state=state,
                    sender=tx.sender if is_known else None,
                    nonce=tx.nonce if is_known else None,
                    first_seen_at=now,
                    changed_at=now,
                    check_at=now,
                )
            )
            session.add(
                Watch(
                    user_id=ANNA,
                    chat_id=ANNA,
                    chain=key if is_known else None,
                    tx_hash=tx.hash,
                    mode=WatchMode.EVERY,
                    created_at=now,
                )
            )

    def replace_one(self) -> None:
        if self.chain.pool and self.chain.has_nonces:
            tx = self.chain.pool.pop(0)
            if tx.hash not in self.history.rivals and tx in self.history.txs:
                self.chain.pool.append(self.history.replace(tx))

    def resend(self) -> None:
        """What was in no block and no pool comes back, unless its nonce is used up."""
        pool = {tx.hash for tx in self.chain.pool}
        for tx in self.watched:
            rival = self.history.rivals.get(tx.hash)
            settled = self.chain.find_block(tx.hash) or rival
            if not settled and tx.hash not in pool and tx not in self.history.unsent:
                self.chain.send(tx)

    def restart(self) -> None:
        self.followers[0] = Follower(self.stall.db, self.chain)

    def heal(self) -> None:
        self.chain.endpoints = [Endpoint("a"), Endpoint("b")]

    def prefer_other(self) -> None:
        self.chain.preferred = 1 - self.chain.preferred

    async def follow_once(self, number: int = 0) -> None:
        with suppress(UnavailableError):
            await follow_chain(self.followers[number], ShopSettings())

    async def race(self) -> None:
        await asyncio.gather(self.follow_once(0), self.follow_once(1))

    async def come_to_rest(self) -> None:
        """Everything heals, the chain goes on, and time passes."""
        self.heal()
        self.chain.pool += self.take_unsent()
        self.history.mine(1)
        for _ in range(6):
            self.history.mine(2)
            await self.follow_once()
            self.skip(timedelta(seconds=20))
        for pause in (timedelta(minutes=1), timedelta(minutes=61), timedelta(hours=2)):
            self.skip(pause)
            for _ in range(3):
                self.history.mine(1)
                await self.follow_once()

    async def check(self) -> int:
        """How many watches ended as they should."""
        key = self.chain.spec.key
        rows = {r.tx_hash: r for r in await self.stall.rows(Transaction, Transaction.chain == key)}
        watches = await self.stall.rows(Watch, Watch.tx_hash.in_(rows))
        notifications = await self.stall.rows(OutboxMessage, OutboxMessage.chat_id == ANNA)
        by_hash = {tx.hash: tx for tx in self.watched}
        for watch in watches:
            tx, row = by_hash[watch.tx_hash], rows[watch.tx_hash]
            told = [
                tuple(notification.key.split(":")[2:])
                for notification in notifications
                if notification.key.startswith(f"watch:{watch.id}:")
            ]
            self.check_truth(tx, told)
            if not told and row.state is TxState.UNKNOWN:
                # It came and went between two looks: it is awaited still.
                assert self.chain.find_block(tx.hash) is None
                assert watch.chain is None
                continue
            assert row.state in self.history.fates_of(tx), (row.state, told)
            assert row.ended_at is not None
            assert watch.ended_at is not None
            assert watch.chain == key
            self.check_end(tx, row, told)
        return len(watches)

    def check_truth(self, tx: ModelTx, told: list[tuple[str, ...]]) -> None:
        history = self.history
        for milestone, block_hash in told:
            assert milestone != "seen" or self.chain.has_nonces, told
            if milestone in {"mined", "confirmed", "safe", "final", "moved", "failed"}:
                assert block_hash in history.included.get(tx.hash, set()), (milestone, told)
            if milestone == "reorged":
                assert block_hash in history.orphaned, told
            if milestone == "failed":
                assert (tx.hash, block_hash) in history.failed
            elif milestone in {"confirmed", "safe", "final"}:
                assert (tx.hash, block_hash) not in history.failed
            if milestone == "final":
                block = self.chain.find_block(tx.hash)
                assert block is not None
                assert block.hash == block_hash
            if milestone == "replaced":
                assert tx.hash in history.rivals

    def check_end(self, tx: ModelTx, row: Transaction, told: list[tuple[str, ...]]) -> None:
        block = self.chain.find_block(tx.hash)
        if block is None:
            assert (row.state.value, "") in told
        elif tx.fails:
            assert row.block_hash == block.hash
            assert ("failed", block.hash) in told
        else:
            assert row.block_hash == block.hash
            assert ("final", block.hash) in told


@pytest.mark.parametrize("base", [ETHEREUM, TRON], ids=["ethereum", "tron"])
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(STEPS, st.sampled_from([True, True, False])), min_size=12, max_size=40))
async def test_each_milestone_is_reported_once_and_is_true_and_every_watch_ends_right(
    stall: Stall, skip: Skip, base: ChainSpec, steps: list[tuple[Step, bool]]
) -> None:
    """P11."""
    trial = Trial(stall, skip, base)
    for first in ("send", "send failing", "pass"):
        await trial.step(first)
    for step, is_followed in steps:
        await trial.step(step)
        if is_followed:
            await trial.follow_once()
    await trial.come_to_rest()
    assert await trial.check() == len(trial.watched)
