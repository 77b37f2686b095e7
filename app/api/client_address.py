"""Whose request it is, for limits: behind a proxy, whom the proxy says it serves."""

import ipaddress
from typing import Final

from starlette.requests import Request

_IPV6_NETWORK: Final = 64  # of one customer: within it, addresses are to be had for nothing
_SHARED: Final = ipaddress.ip_network("100.64.0.0/10")  # platforms' inner networks


def get_client_network(request: Request) -> str:
    """An IPv4 address or an IPv6 network; what a stranger's own header claims does not count."""
    peer = parse_ip_address(request.client.host if request.client else "")
    if peer is None:
        return ""
    if peer.is_private or peer in _SHARED:
        # The nearest proxy's word, which it puts last.
        claimed = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        peer = parse_ip_address(claimed) or peer
    if isinstance(peer, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((peer, _IPV6_NETWORK), strict=False))
    return str(peer)


def parse_ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address that comes mapped into IPv6 as what it is; None for what is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
