"""A key as a picture that a phone's camera reads from another screen."""

import io
from functools import lru_cache
from typing import Final

import segno

# Above, the modules become too fine for a phone's camera.
MAX_QR_LENGTH: Final = 600

_PIXELS_PER_MODULE: Final = 10
# Any is right, and says so itself: to draw all eight and take the prettiest costs more than half.
_MASK: Final = 0
COMPRESSION: Final = 1  # a picture of 1 KB instead of 0.7


def encode_qr(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="m", mask=_MASK)


@lru_cache(maxsize=64)
def draw_qr_as_svg(text: str) -> str:
    """For a page. On white in the dark, too: cameras want that."""
    code = segno.make_qr(text, error="m", mask=_MASK)
    return code.svg_inline(scale=4, border=3, light="#fff", omitsize=True)


@lru_cache(maxsize=256)
def draw_qr(text: str) -> bytes:
    """A PNG. Cached, because one takes some milliseconds and many users ask twice."""
    image = io.BytesIO()
    encode_qr(text).save(
        image, kind="png", scale=_PIXELS_PER_MODULE, border=4, compresslevel=COMPRESSION
    )
    return image.getvalue()
