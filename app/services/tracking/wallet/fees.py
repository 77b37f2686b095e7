"""What the chains charge now: many users ask, one request goes to the chain."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Generic, TypeVar

import structlog

from app.core import clock
from app.domain.chain_ports import GasPrices, NetworkFee
from app.domain.chains import ChainSpec
from app.domain.ports import PortError, Rates
from app.services.port_guard import guard_port_call
from app.services.tracking.chains import Chains

log = structlog.get_logger()

_FRESH: Final = timedelta(seconds=15)
_PATIENCE: Final = timedelta(seconds=4)  # of a user who waits, over all chains
_RETRY: Final = timedelta(seconds=5)  # after a failure all get it without asking again
_RATES_FRESH: Final = timedelta(minutes=1)
_RATES_KEPT: Final = timedelta(minutes=15)  # an older rate says nothing about money

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FeeFigure(Generic[T]):
    """`is_current` is False for the last known value of a chain that does not answer now."""

    value: T
    at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class ChainFee(Generic[T]):
    """`figure` is None where there has been no answer yet."""

    spec: ChainSpec
    figure: FeeFigure[T] | None


@dataclass(frozen=True, slots=True)
class FeePage:
    """`rates`: of coins, in `currency`; empty when unknown."""

    evm: list[ChainFee[GasPrices]]
    cellframe: list[ChainFee[NetworkFee]]
    tron: list[ChainFee[int]]  # sun for a unit of energy
    currency: str
    rates: Mapping[str, Decimal]
    now: datetime


class FeeCache:
    """One for a process; remembers the last answer of each chain."""

    def __init__(
        self, chains: Chains, rates: Rates | None = None, patience: timedelta = _PATIENCE
    ) -> None:
        self._rates = rates
        self._patience = patience
        self._rate_answers: dict[str, _Answer[Mapping[str, Decimal]]] = {}
        self._evm = {
            key: (chain.spec, _Answer(f"fees_{key}", chain.get_gas_prices, _FRESH))
            for key, chain in chains.evm.items()
        }
        self._cellframe = {
            key: (chain.spec, _Answer(f"fees_{key}", chain.get_network_fee, _FRESH))
            for key, chain in chains.polled.items()
        }
        self._tron = {
            key: (chain.spec, _Answer(f"fees_{key}", chain.get_energy_price, _FRESH))
            for key, chain in chains.tron.items()
        }

    async def get_page(self, currency: str) -> FeePage:
        """A chain that does not answer in time is shown by its last known value; raises nothing."""
        rates, evm, cellframe, tron = await asyncio.gather(
            self._get_rates(currency),
            self._get_fees(self._evm),
            self._get_fees(self._cellframe),
            self._get_fees(self._tron),
        )
        return FeePage(
            evm=evm,
            cellframe=cellframe,
            tron=tron,
            currency=currency,
            rates=rates,
            now=clock.now(),
        )

    async def _get_fees(
        self, answers: Mapping[str, tuple[ChainSpec, "_Answer[T]"]]
    ) -> list[ChainFee[T]]:
        figures = await asyncio.gather(
            *(answer.get(self._patience) for _, answer in answers.values())
        )
        specs = [spec for spec, _ in answers.values()]
        return [ChainFee(spec, figure) for spec, figure in zip(specs, figures, strict=True)]

    async def _get_rates(self, currency: str) -> Mapping[str, Decimal]:
        source = self._rates
        if source is None:
            return {}
        if currency not in self._rate_answers:
            ask = _ask_rates(source, currency)
            self._rate_answers[currency] = _Answer("rates", ask, _RATES_FRESH)
        figure = await self._rate_answers[currency].get(self._patience)
        if figure is None or clock.now() - figure.at > _RATES_KEPT:
            return {}
        return figure.value


def _ask_rates(source: Rates, currency: str) -> Callable[[], Awaitable[Mapping[str, Decimal]]]:
    async def ask() -> Mapping[str, Decimal]:
        return await source.get_rates(currency)

    return ask


class _Answer(Generic[T]):
    """The last one to a question that is asked by one at a time."""

    def __init__(self, name: str, ask: Callable[[], Awaitable[T]], fresh: timedelta) -> None:
        self._name = name
        self._ask = ask
        self._fresh = fresh
        self._asking = asyncio.Lock()
        self._known: tuple[T, datetime] | None = None
        self._failed_at: datetime | None = None

    async def get(self, patience: timedelta) -> FeeFigure[T] | None:
        try:
            # The wait for a request under way counts: nobody waits twice as long.
            async with asyncio.timeout(patience.total_seconds()), self._asking:
                if not self._is_settled():
                    await self._renew()
        except TimeoutError:
            self._failed_at = clock.now()
            log.info("answer_late", of=self._name)
        if self._known is None:
            return None
        value, at = self._known
        return FeeFigure(value, at, is_current=self._failed_at is None)

    def _is_settled(self) -> bool:
        now = clock.now()
        if self._failed_at is not None:
            return now - self._failed_at < _RETRY
        return self._known is not None and now - self._known[1] < self._fresh

    async def _renew(self) -> None:
        try:
            value = await guard_port_call(self._ask(), "fees_unreadable", of=self._name)
        except PortError as error:
            log.info("no_answer", of=self._name, error=str(error))
            self._failed_at = clock.now()
        else:
            self._known = value, clock.now()
            self._failed_at = None
