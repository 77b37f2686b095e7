"""The active instance's care for Telegram's webhook: repaired when wrong, never deleted (P7)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from app.core import clock
from app.domain.ports import UnavailableError, WebhookControl

log = structlog.get_logger()

# Rounds of a growing queue after the webhook was set again, before the process ends itself.
_MAX_STRIKES = 3
# Several rounds: what changes it again in each is one outage.
_REPAIR_SHOWN_FOR = timedelta(minutes=3)


class WebhookReconciler:
    """Silence is no failure; only a wrong address, or a queue that grows while nothing arrives."""

    def __init__(
        self,
        control: WebhookControl,
        url: str,
        allowed_updates: frozenset[str],
        *,
        silence: timedelta,
        get_silence: Callable[[], timedelta],
        give_up: Callable[[], None],
        is_rotating: bool = False,
    ) -> None:
        self._control = control
        self._url = url
        self._allowed_updates = allowed_updates
        self._silence = silence
        self._get_silence = get_silence
        self._give_up = give_up
        # Telegram does not say which secret it holds: while one is changed, it is set anew.
        self._must_set = is_rotating
        self._pending = 0
        self._strikes = 0
        self._changed_at: datetime | None = None  # and set again

    async def check(self) -> None:
        """Raise UnavailableError where others have changed it a moment ago."""
        if self._changed_at and clock.now() - self._changed_at < _REPAIR_SHOWN_FOR:
            raise UnavailableError(f"changed at {self._changed_at:%H:%M} UTC, and set again")

    async def reconcile(self) -> dict[str, int]:
        """One round. Raises the port's errors."""
        state = await self._control.get_state()
        is_right = state.url == self._url and state.allowed_updates == self._allowed_updates
        if not is_right or self._must_set:
            # A first start is no fault, and neither is another secret.
            if state.url and not is_right:
                log.error("LIVENESS_CHECK_FAILED", reason="webhook_changed")
                self._changed_at = clock.now()
            log.info("webhook_set", was_set=bool(state.url))
            await self._control.set(self._url)
            self._must_set = False
            return {"repaired": 1}
        grows = state.pending_update_count > self._pending
        self._pending = state.pending_update_count
        if not grows or self._get_silence() < self._silence:
            self._strikes = 0
            return {"pending": state.pending_update_count}
        await self._strike(state.last_error_message)
        return {"strikes": self._strikes}

    async def _strike(self, error: str | None) -> None:
        self._strikes += 1
        log.error(
            "LIVENESS_CHECK_FAILED",
            reason="queue_grows_in_silence",
            pending=self._pending,
            strikes=self._strikes,
            error=error,
        )
        if self._strikes > _MAX_STRIKES:
            self._give_up()
        await self._control.set(self._url)
