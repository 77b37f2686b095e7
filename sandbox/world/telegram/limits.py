"""Telegram's sending limits: 30 messages a second, one to one chat, 20 a minute to a group.

They belong to the chat: edits use them up as new messages do (tdlib/td#2592, #3034).
"""

import math
from collections import deque
from dataclasses import dataclass

_ALL_PER_SECOND = 30
_CHAT_PER_SECOND = 1.0
_CHAT_BURST = 10.0
_CHAT_PENALTY_SECONDS = 3
_CHATS_KEPT = 10_000
_GROUP_PER_MINUTE = 20
_MINUTE = 60.0


@dataclass
class _Chat:
    tokens: float
    filled_at: float
    closed_until: float = 0.0


class SendLimits:
    """Instants are those of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque()
        self._chats: dict[int, _Chat] = {}
        self._groups: dict[int, deque[float]] = {}

    def take(self, chat_id: int, now: float) -> int | None:
        """Seconds to wait when the message goes over a limit, None when it may pass."""
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= _ALL_PER_SECOND:
            return 1
        if wait := self._wait_of_group(chat_id, now) or self._take_from_chat(chat_id, now):
            return wait
        self._recent.append(now)
        if chat_id < 0:
            self._groups[chat_id].append(now)
        return None

    def _wait_of_group(self, chat_id: int, now: float) -> int | None:
        if chat_id > 0:
            return None
        sent = self._groups.setdefault(chat_id, deque())
        while sent and sent[0] <= now - _MINUTE:
            sent.popleft()
        if len(sent) < _GROUP_PER_MINUTE:
            return None
        return max(1, math.ceil(sent[0] + _MINUTE - now))

    def _take_from_chat(self, chat_id: int, now: float) -> int | None:
        chat = self._chats.setdefault(chat_id, _Chat(_CHAT_BURST, now))
        if now < chat.closed_until:
            return max(1, math.ceil(chat.closed_until - now))
        earned = (now - chat.filled_at) * _CHAT_PER_SECOND
        chat.tokens, chat.filled_at = min(_CHAT_BURST, chat.tokens + earned), now
        if chat.tokens < 1:
            chat.closed_until = now + _CHAT_PENALTY_SECONDS
            return _CHAT_PENALTY_SECONDS
        chat.tokens -= 1
        self._forget_idle(now)
        return None

    def _forget_idle(self, now: float) -> None:
        if len(self._chats) <= _CHATS_KEPT:
            return
        full_again = now - _CHAT_BURST / _CHAT_PER_SECOND
        self._chats = {
            id_: chat for id_, chat in self._chats.items() if chat.filled_at > full_again
        }
