"""Keys themselves, which a VPN server may give in the place of a subscription's address."""

from typing import Final

KEY_SCHEMES: Final = frozenset(
    {"anytls", "hy2", "hysteria", "hysteria2", "socks", "ss", "ssr"}
    | {"trojan", "tuic", "vless", "vmess", "wireguard"}
)
