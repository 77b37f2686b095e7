"""What all panels have in common over HTTP: guards in front, versions, answers, refusals."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote, urljoin

from pydantic import BaseModel, JsonValue, ValidationError

from app.clients.http import HttpAnswer, HttpPeer, MaybeDoneError
from app.domain.names import clean_name
from app.domain.ports import PanelKeyRefusedError, PanelVersionError, RefusedError

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")
_LINK: Final = re.compile(r"https?://\S{1,2040}")
_TELEGRAM_IDS: Final = range(1, 1 << 52)
_MAX_PART_LENGTH: Final = 100  # of what a client says of its device
_WRONG_KEY: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

M = TypeVar("M", bound=BaseModel)
_Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PanelConfig:
    """One panel and the way to it; of `groups` (squads, inbounds …) none means all."""

    url: str = field(repr=False)
    key: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str | None = field(default=None, repr=False)
    authority: str = field(default="", repr=False)  # of its certificate, beside the public ones
    groups: tuple[str, ...] = ()
    link_base: str | None = None
    target: str = "panel"  # its name in metrics, breaker and errors


@dataclass(frozen=True, slots=True)
class KnownVersions:
    """`below` is the first that we don't know."""

    panel: str
    oldest: _Version
    below: _Version

    def check(self, said: str) -> None:
        """Raises PanelVersionError."""
        found = _VERSION.match(said)
        if found is None:
            raise PanelVersionError(f"panel: it does not say which version of {self.panel} it is")
        version = (int(found[1]), int(found[2]))
        if self.oldest <= version < self.below:
            return
        trouble, advice = (
            ("too old", "update the panel")
            if version < self.oldest
            else ("newer than this service knows", "update this service")
        )
        known = f"{_show(self.oldest)} up to, and without, {_show(self.below)}"
        raise PanelVersionError(
            f"panel: {self.panel} {_show(version)} is {trouble} ({known}): {advice}"
        )


def _show(version: _Version) -> str:
    return f"{version[0]}.{version[1]}"


def create_peer(config: PanelConfig, headers: Mapping[str, str]) -> HttpPeer:
    return HttpPeer(config.target, config.url, headers, config.proxy, authorities=config.authority)


class PanelServer:
    """`read_version` asks the panel: once, and again when answers change their shape."""

    def __init__(
        self,
        config: PanelConfig,
        headers: Mapping[str, str],
        versions: KnownVersions,
        read_version: Callable[[], Awaitable[str]],
    ) -> None:
        self._peer = create_peer(config, {**config.headers, **headers})
        self._versions = versions
        self._read_version = read_version
        self._is_known = False

    async def aclose(self) -> None:
        await self._peer.aclose()

    async def require_version(self) -> None:
        """Raises PanelVersionError. Asks only where the version is in doubt."""
        if not self._is_known:
            self._versions.check(await self._read_version())
            self._is_known = True

    def doubt_version(self) -> None:
        self._is_known = False

    async def call(
        self,
        verb: str,
        path: str,
        *,
        method: str,
        body: Mapping[str, JsonValue] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Raises UnavailableError, PanelKeyRefusedError; other refusals are an answer."""
        answer = await self._peer.call(
            verb, path, method=method, body=body, form=form, headers=headers
        )
        if answer.status in _WRONG_KEY:
            raise PanelKeyRefusedError(f"panel {method}: HTTP {answer.status}, the key was refused")
        return answer

    def parse(self, answer: HttpAnswer, model: type[M], method: str) -> M:
        """Raises MaybeDoneError, and the version is asked again: shapes change with versions."""
        try:
            return model.model_validate_json(answer.body)
        except ValidationError:
            raise self._doubt(
                f"panel {method}: HTTP {answer.status}, an unreadable answer"
            ) from None

    def read(self, value: JsonValue, model: type[M], method: str) -> M:
        """As `parse`, of a part of an answer."""
        try:
            return model.model_validate(value)
        except ValidationError:
            raise self._doubt(f"panel {method}: an unreadable answer") from None

    def _doubt(self, sentence: str) -> MaybeDoneError:
        self.doubt_version()
        return MaybeDoneError(sentence)


def check_link(link: str, config: PanelConfig, method: str) -> str:
    """Whole, also where the panel does not know its own address. Raises MaybeDoneError."""
    whole = urljoin(f"{config.link_base or config.url}/", link)
    if not _LINK.fullmatch(whole):
        raise MaybeDoneError(f"panel {method}: its subscription link is none")
    return whole


def read_link(link: str, config: PanelConfig) -> str | None:
    """As `check_link`; None for one that is none."""
    if not link:
        return None
    try:
        return check_link(link, config, "list")
    except MaybeDoneError:
        return None


def quote_name(name: str) -> str:
    """For a path: names that are not ours may hold anything."""
    return quote(name, safe="@")


def read_end(seconds: int) -> datetime | None:
    """None for what is never: none, or after all that a date can say."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None


def name_device(model: str | None, system: str | None, version: str | None) -> str:
    """Like "iPhone 15 · iOS 18.1", of what its client says of it."""
    return clean_name(_join(" · ", model, _join(" ", system, version)))


def _join(separator: str, *parts: str | None) -> str:
    return separator.join(part[:_MAX_PART_LENGTH] for part in parts if part)


def read_telegram_id(value: int | None) -> int | None:
    return value if value is not None and value in _TELEGRAM_IDS else None


def choose_groups(
    config: PanelConfig, known: Mapping[str, str], kind: str, own: Sequence[str] = ()
) -> list[str]:
    """Ids of the groups, by name or id: an access's `own`, or those of the configuration.

    `known` holds names by id. Raises RefusedError.
    """
    wanted = own or config.groups or tuple(known)
    by_name = {name: id_ for id_, name in known.items()}
    missing = [one for one in wanted if one not in known and one not in by_name]
    if missing or not wanted:
        names = ", ".join(sorted(by_name)[:20]) or "none"
        what = ", ".join(missing) or "none is there"
        raise RefusedError(f"panel: no {kind} for new accounts ({what}); the panel has: {names}")
    return [one if one in known else by_name[one] for one in wanted]
