"""Certificates of an authority of the operator's own, as the environment writes them."""

import ssl
from pathlib import Path
from typing import Final

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_MAX_BYTES: Final = 1024 * 1024


def read_authority(value: str) -> str:
    r"""PEM: the text itself, with `\n` for its lines, too, or that of a file. Raises ValueError."""
    text = value.replace("\\n", "\n") if value.startswith(_BEGIN) else _read_file(Path(value))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        raise ValueError("holds no certificate in PEM form") from None
    return text


def _read_file(path: Path) -> str:
    """Raises ValueError."""
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("ascii", "replace")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(
            f"must be a certificate in PEM form, or a file that can be read ({reason})"
        ) from None
    except ValueError:
        raise ValueError("must be a certificate in PEM form, or the path of a file") from None
