"""Names an endpoint without showing its key: providers put it in path, query, user or host.

Those who want it in a header get it behind a `#`, of which no client sends anything: a pair such as
#TRON-PRO-API-KEY=… (more of them with &) becomes headers of each request.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import parse_qsl, unquote, urldefrag, urlsplit

from app.core.scrubber import scrub_text

_MAX_TEXT = 200
_SHOWN_LABELS = 2  # KEY.eth.rpc.example.com is example.com
_SHORTEST_SECRET = 6  # a shorter part is a word as v3 or rpc
_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """`name` is for display, `url` and `headers` for requests alone."""

    name: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def at(self, url: str) -> Self:
        """The same endpoint, asked elsewhere."""
        return self if url == self.url else replace(self, url=url)

    def clean(self, text: str) -> str:
        """What an endpoint said, fit for a log: nodes like to repeat the key they refuse."""
        secrets = {*_secrets(self.url), *_long_enough(self.headers.values())}
        for secret in sorted(secrets, key=len, reverse=True):
            text = re.sub(re.escape(secret), _HIDDEN, text, flags=re.IGNORECASE)
        return scrub_text(text)[:_MAX_TEXT]


def name_addresses(urls: Sequence[str]) -> list[EndpointAddress]:
    """By the host's last two labels (an IP whole), and numbered where several share them."""
    hosts = [_short_host(url) for url in urls]
    many = {host for host, count in Counter(hosts).items() if count > 1}
    seen: Counter[str] = Counter()
    addresses = []
    for host, whole in zip(hosts, urls, strict=True):
        seen[host] += 1
        name = f"{host}#{seen[host]}" if host in many else host
        url, fragment = urldefrag(whole)
        addresses.append(EndpointAddress(name, url, dict(parse_qsl(fragment))))
    return addresses


def _short_host(url: str) -> str:
    host = urlsplit(url).hostname or "?"
    return host if _is_ip(host) else ".".join(host.split(".")[-_SHOWN_LABELS:])


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _secrets(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    hidden_labels = [] if _is_ip(host) else host.split(".")[:-_SHOWN_LABELS]
    values = [value for _, value in parse_qsl(parts.query)]
    for part in (parts.username, parts.password, parts.query, *parts.path.split("/"), *values):
        yield from _long_enough((part or "", unquote(part or "")))
    yield from _long_enough(hidden_labels)


def _long_enough(parts: Iterable[str]) -> Iterator[str]:
    return (part for part in parts if len(part) >= _SHORTEST_SECRET)
