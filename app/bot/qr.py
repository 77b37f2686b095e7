"""A key as a picture that a phone's camera reads from another screen."""

import io
from functools import lru_cache
from typing import Final

import segno

# Above, the modules become too fine for a phone's camera.
MAX_QR_LENGTH: Final = 600

_PIXELS_PER_MODULE: Final = 10


@lru_cache(maxsize=256)
def draw_qr(text: str) -> bytes:
    """A PNG. Cached, because one takes 10 to 20 ms and many users ask twice."""
    image = io.BytesIO()
    segno.make_qr(text, error="m").save(image, kind="png", scale=_PIXELS_PER_MODULE, border=4)
    return image.getvalue()
