"""Telegram's sending limits kept by us, so that it never has to refuse (P10).

25 messages a second over all (MESSAGES_PER_SECOND) after a burst of 12, and three more than that in
any second at most; 0.9 a second to one chat after a burst of 9, 20 a minute to a group.
Answers to a waiting user go before notifications, and these before broadcasts, which take at most
70 %; but every fifth place of a chat is a notification's, or a lasting crowd would hold one back
for ever. One event loop, no task: timers hand out the places, in order within a chat and a lane.
Instants are loop.time().
"""

import asyncio
import math
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.domain.messages import Lane
from app.domain.ports import RetryLaterError

ChatId = int | str  # a string is a @channel

ALL_PER_SECOND: Final = 25
_ALL_BURST: Final = 12  # twenty keys at once: the last leaves after 0.32 s
_ALL_AHEAD: Final = 3  # Telegram refuses somewhere above 30 a second
_ALL_WINDOW_SECONDS: Final = 1.1  # a second, and a margin for requests that overtake on the way
_BULK_BURST: Final = 3
BULK_SHARE: Final = 0.7
_CHAT_PER_SECOND: Final = 0.9
# Ten rapid commands get their ten answers, the last a second after it was asked for: nothing is
# merged or dropped, because Telegram lets "short bursts" pass and says when one was too long.
CHAT_BURST: Final = 9
_GROUP_PER_WINDOW: Final = 20
_GROUP_WINDOW_SECONDS: Final = 61  # a minute, and a margin for requests that overtake on the way

# Beyond it a handler gets an error at once, and what waits becomes an outbox row; the outbox gets
# its rows back early, because it keeps their places itself and claims them for a short time only.
PATIENCE_SECONDS: Final = {Lane.USER: 30, Lane.NOTIFICATION: 4, Lane.BULK: 10}
# A group's handlers wait for what others of the group have used up, so they give up soon.
GROUP_PATIENCE_SECONDS: Final = 3
GROUP_WAITERS: Final = 10  # over all groups
_ANSWERS_IN_A_ROW: Final = 4

_ORDER: Final = {lane: place for place, lane in enumerate(Lane)}

_FLOODED_CHATS: Final = 3  # so many chats refused within a second: it is not about one chat
_FLOODED_WITHIN_SECONDS: Final = 1
_TIMER_STEP_SECONDS: Final = 0.001  # uvloop's clock ticks in milliseconds


def is_group(chat_id: ChatId) -> bool:
    """Or a channel, whose limits are the same."""
    return isinstance(chat_id, str) or chat_id < 0


class _Bucket:
    """A rate with a burst (GCRA): `_full_at` is when everything taken will have been earned."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._interval_seconds = 1 / per_second
        self._slack_seconds = (burst - 1) * self._interval_seconds
        self._full_at = 0.0

    def ready_at(self, now: float, ahead: int = 0) -> float:
        """When the next one may pass, after `ahead` others."""
        full_at = max(self._full_at, now) + ahead * self._interval_seconds
        return max(now, full_at - self._slack_seconds)

    def take(self, now: float) -> None:
        self._full_at = max(self._full_at, now) + self._interval_seconds

    def is_full(self, now: float) -> bool:
        return self._full_at <= now


class _Window:
    """Exactly so many in any such time; `count` of them may come at once."""

    def __init__(self, count: int, seconds: float) -> None:
        self._seconds = seconds
        self._taken: deque[float] = deque([-math.inf] * count, maxlen=count)

    def ready_at(self, now: float, ahead: int = 0) -> float:
        rounds, place = divmod(ahead, len(self._taken))
        return max(now, self._taken[place] + self._seconds) + rounds * self._seconds

    def take(self, now: float) -> None:
        self._taken.append(now)

    def is_full(self, now: float) -> bool:
        return self._taken[-1] + self._seconds <= now


class _Chat:
    """What one chat has used up. After long enough without use it is dropped without a loss."""

    def __init__(self, chat_id: ChatId) -> None:
        self.limits: list[_Bucket | _Window] = [_Bucket(_CHAT_PER_SECOND, CHAT_BURST)]
        if is_group(chat_id):
            self.limits.append(_Window(_GROUP_PER_WINDOW, _GROUP_WINDOW_SECONDS))
        self.closed_until = 0.0
        self.waiting = dict.fromkeys(Lane, 0)
        self.answers_in_a_row = 0

    def ready_at(self, now: float, ahead: int = 0) -> float:
        start = max(now, self.closed_until)
        return max(limit.ready_at(start, ahead) for limit in self.limits)

    def take(self, now: float, lane: Lane) -> None:
        self.answers_in_a_row = self.answers_in_a_row + 1 if lane is Lane.USER else 0
        for limit in self.limits:
            limit.take(now)

    def yields(self, lane: Lane) -> bool:
        """Whether a waiting notice goes before the lane's next."""
        return (
            lane is Lane.USER
            and self.answers_in_a_row >= _ANSWERS_IN_A_ROW
            and self.waiting[Lane.NOTIFICATION] > 0
        )

    def ahead_of(self, lane: Lane) -> int:
        """How many of those who wait now go before a newcomer."""
        answers = self.waiting[Lane.USER]
        if lane is Lane.NOTIFICATION and not self.waiting[lane]:
            return min(answers, max(0, _ANSWERS_IN_A_ROW - self.answers_in_a_row))
        return sum(self.waiting[other] for other in Lane if _ORDER[other] <= _ORDER[lane])

    def is_idle(self, now: float) -> bool:
        return (
            self.closed_until <= now
            and not any(self.waiting.values())
            and all(limit.is_full(now) for limit in self.limits)
        )


@dataclass(eq=False, slots=True)
class _Ticket:
    chat: _Chat
    lane: Lane
    deadline: float
    turn: asyncio.Future[None]


class Limiter:
    """One for one bot token and event loop."""

    def __init__(self, per_second: int = ALL_PER_SECOND) -> None:
        """`per_second`: over all chats."""
        self._all: tuple[_Bucket | _Window, ...] = (
            _Bucket(per_second, min(_ALL_BURST, per_second)),
            _Window(per_second + _ALL_AHEAD, _ALL_WINDOW_SECONDS),
        )
        self._bulk = _Bucket(per_second * BULK_SHARE, min(_BULK_BURST, per_second))
        self._closed_until = 0.0
        self._chats: dict[ChatId, _Chat] = {}
        self._queues = {lane: OrderedDict[_Ticket, None]() for lane in Lane}
        self._timer: asyncio.TimerHandle | None = None
        self._floods: deque[tuple[float, ChatId]] = deque()

    @property
    def chat_count(self) -> int:
        return len(self._chats)

    async def acquire(
        self, chat_id: ChatId, lane: Lane, deadline: float, *, again: bool = False
    ) -> None:
        """Return when a message may leave; one that must leave `again` has not lost its place.

        Raises RetryLaterError at once when that cannot be before the deadline (loop.time()), and
        at the deadline when others were let past.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        chat = self._chat(chat_id, now)
        expected_at = chat.ready_at(now) if again else self._expected_at(chat, lane, now)
        if expected_at > deadline:
            raise RetryLaterError(_seconds(expected_at - now))
        ticket = _Ticket(chat, lane, deadline, loop.create_future())
        self._join(ticket, first=again)
        try:
            self._hand_out()
            async with asyncio.timeout_at(deadline):
                await ticket.turn
        except TimeoutError:
            now = loop.time()
            expected_at = self._expected_at(chat, lane, now)
            raise RetryLaterError(_seconds(max(1, expected_at - now))) from None
        finally:
            self._leave(ticket)

    def is_used_up(self, chat_id: ChatId) -> bool:
        """Whether the chat's own limit would make a user's answer wait."""
        chat = self._chats.get(chat_id)
        now = asyncio.get_running_loop().time()
        return chat is not None and chat.ready_at(now, chat.ahead_of(Lane.USER)) > now

    def get_chat_wait(self, chat_id: ChatId) -> timedelta:
        """Until the chat's own limit lets a notification pass.

        Nothing where users wait for answers there: one that does not queue up among them would be
        overtaken for ever.
        """
        chat = self._chats.get(chat_id)
        if chat is None or chat.waiting[Lane.USER]:
            return timedelta()
        now = asyncio.get_running_loop().time()
        return _seconds(chat.ready_at(now) - now)

    def penalize(self, chat_id: ChatId, retry_after: timedelta) -> None:
        """Telegram refused: nothing for this chat, and for nobody when it refused several."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        until = now + retry_after.total_seconds()
        chat = self._chat(chat_id, now)
        chat.closed_until = max(chat.closed_until, until)
        self._floods.append((now, chat_id))
        while self._floods[0][0] < now - _FLOODED_WITHIN_SECONDS:
            self._floods.popleft()
        if len({flooded for _, flooded in self._floods}) >= _FLOODED_CHATS:
            self._closed_until = max(self._closed_until, until)
        self._refuse_hopeless(now)

    def _chat(self, chat_id: ChatId, now: float) -> _Chat:
        chat = self._chats.get(chat_id)
        if chat is None:
            self._forget_idle(now)
            chat = self._chats[chat_id] = _Chat(chat_id)
        return chat

    def _forget_idle(self, now: float) -> None:
        # Two looked at for each one added: the number kept follows the number in use.
        for chat_id in [chat_id for chat_id, _ in zip(self._chats, range(2), strict=False)]:
            chat = self._chats.pop(chat_id)
            if not chat.is_idle(now):
                self._chats[chat_id] = chat  # to the end of the queue

    def _open_at(self, lane: Lane, now: float, ahead: int = 0) -> float:
        """When the lane may pass its next message, whatever its chat, after so many others."""
        start = max(now, self._closed_until)
        open_at = max(limit.ready_at(start, ahead) for limit in self._all)
        if lane is not Lane.BULK:
            return open_at
        in_lane = len(self._queues[lane]) if ahead else 0
        return max(open_at, self._bulk.ready_at(start, in_lane))

    def _expected_at(self, chat: _Chat, lane: Lane, now: float) -> float:
        """When a newcomer's turn would be if nothing came after it."""
        before = [other for other in Lane if _ORDER[other] <= _ORDER[lane]]
        ahead = sum(len(self._queues[other]) for other in before)
        return max(chat.ready_at(now, chat.ahead_of(lane)), self._open_at(lane, now, ahead))

    def _hand_out(self) -> None:
        """Give every place that is free now, first to answers, and set the timer for the next.

        One pass is enough: what could not go before cannot go because another went, but for answers
        that have let a notification pass, and for these the timer comes at once.
        """
        now = asyncio.get_running_loop().time()
        next_at = math.inf
        for lane, queue in self._queues.items():
            for ticket in list(queue) if self._open_at(lane, now) <= now else ():
                if self._open_at(lane, now) > now:
                    break
                if ticket.turn.done():  # cancelled, and not yet gone
                    continue
                ready_at = ticket.chat.ready_at(now)
                if ready_at > now or ticket.chat.yields(lane):
                    next_at = min(next_at, ready_at)
                    continue
                self._grant(ticket, now)
            if queue and (open_at := self._open_at(lane, now)) > now:
                next_at = min(next_at, open_at)
        self._wake_at(next_at, now)

    def _grant(self, ticket: _Ticket, now: float) -> None:
        self._leave(ticket)
        for limit in self._all:
            limit.take(now)
        if ticket.lane is Lane.BULK:
            self._bulk.take(now)
        ticket.chat.take(now, ticket.lane)
        ticket.turn.set_result(None)

    def _join(self, ticket: _Ticket, *, first: bool) -> None:
        queue = self._queues[ticket.lane]
        queue[ticket] = None
        queue.move_to_end(ticket, last=not first)
        ticket.chat.waiting[ticket.lane] += 1

    def _leave(self, ticket: _Ticket) -> None:
        if ticket in self._queues[ticket.lane]:
            del self._queues[ticket.lane][ticket]
            ticket.chat.waiting[ticket.lane] -= 1

    def _wake_at(self, next_at: float, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if next_at < math.inf:
            loop = asyncio.get_running_loop()
            delay = max(next_at - now, _TIMER_STEP_SECONDS)
            self._timer = loop.call_later(delay, self._hand_out)

    def _refuse_hopeless(self, now: float) -> None:
        """A penalty came: those whose patience ends before it does fail at once."""
        for queue in self._queues.values():
            for ticket in list(queue):
                opens_at = max(ticket.chat.closed_until, self._closed_until)
                if opens_at > ticket.deadline and not ticket.turn.done():
                    self._leave(ticket)
                    ticket.turn.set_exception(RetryLaterError(_seconds(opens_at - now)))


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
