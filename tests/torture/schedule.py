"""What a seed makes of the world: who buys when, and what breaks when. The same seed, the same."""

from dataclasses import dataclass
from random import Random
from typing import Final

SECONDS: Final = 15.0
BUYERS: Final = 8

# A knob of the world, and what it is turned to.
KNOBS: Final = (
    ("payment_webhook", "lost"),
    ("payment_webhook", "twice"),
    ("telegram_webhook", "lost"),
    ("stars", "lost"),
    ("stars", "twice"),
    ("panel", "down"),
    ("panel", "slow"),
    ("telegram", "down"),
    ("telegram", "flood"),
    ("crypto_pay", "down"),
)
# A call, and whether the process dies before it is carried out or before its answer comes.
CALLS: Final = tuple(
    (path, after)
    for path in (
        "/createInvoice",
        "/getInvoices",
        "/panel/add-user",
        "/sendPhoto",
        "/sendMessage",
        "/editMessageText",
        "/deleteMessage",
        "/answerCallbackQuery",
        "/answerPreCheckoutQuery",
        "/webhooks/cryptobot",
        "/telegram/webhook",
    )
    for after in (False, True)
)
JUMPS_SECONDS: Final = (-90, -20, 20, 300, 1800)


@dataclass(frozen=True)
class Buy:
    """`pause_seconds`: from the invoice to the payment."""

    at: float
    with_stars: bool
    pause_seconds: float


@dataclass(frozen=True)
class Fault:
    """`kind` is a method's name of `Faults`; the rest is what it takes."""

    at: float
    kind: str
    about: tuple[str | float | bool, ...] = ()


@dataclass(frozen=True)
class Schedule:
    buyers: tuple[tuple[Buy, ...], ...]
    faults: tuple[Fault, ...]


def make_schedule(seed: int) -> Schedule:
    random = Random(seed)  # noqa: S311 - the same for the same seed is what is wanted
    buyers = tuple(_buys(random) for _ in range(BUYERS))
    moments = sorted(random.uniform(0.5, SECONDS) for _ in range(random.randint(6, 10)))
    return Schedule(buyers, tuple(_fault(random, at) for at in moments))


def _buys(random: Random) -> tuple[Buy, ...]:
    moments = sorted(random.uniform(0, SECONDS - 3) for _ in range(random.randint(1, 3)))
    return tuple(
        Buy(at, with_stars=random.random() < 1 / 3, pause_seconds=random.uniform(0, 3))
        for at in moments
    )


def _fault(random: Random, at: float) -> Fault:
    kinds = {
        "kill": 3,
        "kill_at": 4,
        "hand_over": 2,
        "cut_a_hand_over_short": 1,
        "kill_beside_a_standby": 1,
        "jump": 2,
        "knob": 5,
        "restart_postgres": 1,
        "restart_valkey": 1,
        "disorder": 2,
    }
    (kind,) = random.choices(list(kinds), list(kinds.values()))
    return Fault(at, kind, _about(random, kind))


def _about(random: Random, kind: str) -> tuple[str | float | bool, ...]:
    if kind == "kill_at":
        return random.choice(CALLS)
    if kind == "knob":
        return (*random.choice(KNOBS), random.uniform(0.5, 2.5))
    if kind == "jump":
        return (float(random.choice(JUMPS_SECONDS)),)
    if kind in {"restart_postgres", "restart_valkey"}:
        return (random.uniform(0, 1.5),)
    if kind == "disorder":  # webhooks late, and so out of order, and some of them doubled
        return (random.uniform(0.5, 2), random.uniform(1, 3))
    return ()
