"""Chains and endpoints for the operator: stacked lines that fit a phone held upright."""

import html
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from textwrap import wrap
from typing import Final

from app.bot.callbacks import RpcPage
from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, to_home
from app.bot.screens.tracking.formatting import format_moment
from app.core.scrubber import scrub_text
from app.db.models import ChainState
from app.domain.chain_ports import EndpointStatus
from app.domain.messages import Screen
from app.services.tracking.overview import ChainOverview

RPC_LINE_WIDTH: Final = 34  # monospace characters in a line of a small phone
_MAX_TEXT_LENGTH: Final = (
    3_800  # visible characters, with the last line's room left of Telegram's 4096
)
_MAX_ENDPOINTS: Final = 8
_ERROR_LINES: Final = 3
_INDENT: Final = "   "
_MARKS: Final = {
    "ok": "🟢",
    "lagging": "🐢",
    "open": "🔴",
    "half_open": "🟡",
    "cooling": "⏳",
    "billing": "💳",
    "wrong_chain": "⛔️",
}
_NOW_SECONDS: Final = 3
_UNKNOWN: Final = "⚪️"


def rpc_screen(t: Translator, overviews: Sequence[ChainOverview], now: datetime) -> Screen:
    refresh = [[callback_button(t.plain("button-refresh"), RpcPage())], [to_home(t)]]
    if not overviews:
        return Screen(t("rpc-off"), refresh)
    parts: list[str] = [t("rpc")]
    for index, overview in enumerate(overviews):
        part = _chain(t, overview, now)
        if sum(map(len, parts)) + len(part) > _MAX_TEXT_LENGTH:
            parts.append(t("rpc-more-chains", count=len(overviews) - index))
            break
        parts.append(part)
    return Screen("\n\n".join(parts), refresh)


def _chain(t: Translator, overview: ChainOverview, now: datetime) -> str:
    lines = [t("rpc-chain", title=overview.spec.title, chain=overview.spec.key)]
    lines += _position(t, overview.state, now)
    if not overview.endpoints:
        return "\n".join([*lines, t("rpc-no-endpoints")])
    shown = overview.endpoints[:_MAX_ENDPOINTS]
    table = "\n\n".join("\n".join(_endpoint(t, one)) for one in shown)
    lines.append(Html(f"<pre>{html.escape(table, quote=False)}</pre>"))
    left_out = len(overview.endpoints) - len(shown)
    return "\n".join([*lines, *([t("rpc-more-endpoints", count=left_out)] if left_out else [])])


def _position(t: Translator, state: ChainState | None, now: datetime) -> Iterator[Html]:
    """What its loop last wrote; chains that are asked one by one have no blocks for us."""
    if state is not None and state.head_number is not None:
        final = state.final_number
        yield t(
            "rpc-head",
            number=str(state.head_number),
            age=_age(t, state.head_at, now),
            final="none" if final is None else str(max(0, state.head_number - final)),
        )
    if state is not None and state.failing_since is not None:
        yield t("rpc-down", time=format_moment(t, state.failing_since, now))
    if state is None or state.seen_at is None:
        yield t("rpc-not-yet")
    else:
        yield t("rpc-cycle", age=_age(t, state.seen_at, now))


def _endpoint(t: Translator, one: EndpointStatus) -> Iterator[str]:
    # An emoji is two columns wide.
    yield f"{_MARKS.get(one.state, _UNKNOWN)} {_cut(scrub_text(one.name), RPC_LINE_WIDTH - 3)}"
    yield _INDENT + t.plain(
        "rpc-state",
        state=one.state,
        until="none" if one.state_until is None else f"{one.state_until.astimezone(UTC):%H:%M}",
    )
    yield _INDENT + t.plain("rpc-lag", lag=_figure(one.lag), latency=_figure(one.latency_ms))
    yield _INDENT + t.plain("rpc-failures", failures=_figure(one.failures), batch=str(one.batch))
    if one.last_error:
        width = RPC_LINE_WIDTH - len(_INDENT)
        text = scrub_text(one.last_error)
        lines = wrap(text, width, max_lines=_ERROR_LINES, placeholder="…")
        yield from (_INDENT + line for line in lines)


def _figure(number: int | None) -> str:
    """A liar's head makes a lag of twenty digits."""
    if number is None:
        return "—"
    return str(number) if number < 10**6 else ">10⁶"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _age(t: Translator, instant: datetime | None, now: datetime) -> str:
    if instant is None:
        return "—"
    span = max(timedelta(), now - instant)
    for unit, length in (
        ("days", timedelta(days=2)),
        ("hours", timedelta(hours=2)),
        ("minutes", timedelta(minutes=2)),
    ):
        if span >= length:
            return t.plain("rpc-age", unit=unit, count=str(span // (length / 2)))
    seconds = span // timedelta(seconds=1)
    return t.plain(
        "rpc-age", unit="seconds" if seconds >= _NOW_SECONDS else "now", count=str(seconds)
    )
