"""How values of the environment are written: lists, addresses, proxies."""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, SecretStr


def split_list(value: object) -> object:
    """Parts between commas."""
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


def split_url(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        # Python's own sentence repeats the address, which may hold a password.
        raise ValueError("is no address") from None


def check_url(url: str) -> str:
    """Of the web, without a slash at its end. Raises ValueError."""
    parts = split_url(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with https://")
    return url.rstrip("/")


def _check_proxy(url: SecretStr) -> SecretStr:
    parts = split_url(url.get_secret_value())
    try:
        _ = parts.port
    except ValueError:
        parts = parts._replace(scheme="")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must look like http://host:3128 or http://user:password@host:3128")
    return url


ProxyUrl = Annotated[SecretStr, AfterValidator(_check_proxy)]
