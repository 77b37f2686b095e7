"""Pictures that users forward: lines of text and a QR code, without a library for pictures.

They take tens of milliseconds: drawn in a thread.
"""

import io
from collections.abc import Sequence
from typing import Final

from segno import writers

from app.bot.pixel_font import GLYPH_HEIGHT, GLYPH_WIDTH, to_glyphs
from app.bot.qr import COMPRESSION, encode_qr

_WIDTH: Final = 240  # in dots
_PIXELS_PER_DOT: Final = 4
CARD_MARGIN: Final = 8
_TEXT_WIDTH: Final = _WIDTH - 4 * CARD_MARGIN
_STEP: Final = GLYPH_WIDTH + 1
_QUIET_ZONE: Final = 4  # in modules, which scanners need around the code
_DARK: Final = "#16213e"
_LIGHT: Final = "#fdf6e3"


class CardCanvas:
    """Rows of dots, 1 where it is dark; as high as what is put on it."""

    def __init__(self) -> None:
        self.rows: list[bytearray] = []

    def add_rows(self, count: int, dot: int = 0) -> None:
        self.rows += [bytearray([dot]) * _WIDTH for _ in range(count)]

    def add_text(self, text: str, largest: int, dot: int = 1) -> None:
        """A line in the middle, as large as it fits; what is too long for it is cut."""
        glyphs = to_glyphs(text)
        scale = min(max(_TEXT_WIDTH // (max(len(glyphs), 1) * _STEP), 1), largest)
        glyphs = glyphs[: _TEXT_WIDTH // (scale * _STEP)]
        left = (_WIDTH - len(glyphs) * _STEP * scale) // 2
        for row in range(GLYPH_HEIGHT):
            # Shifted left by one, for the gap after each glyph.
            lines = [glyph[row] << 1 for glyph in glyphs]
            dots = [line >> bit & 1 for line in lines for bit in reversed(range(_STEP))]
            self._add_scaled(dots, left, scale, dot)

    def add_qr(self, content: str) -> None:
        code = encode_qr(content)
        size = len(code.matrix) + 2 * _QUIET_ZONE
        scale = max((_WIDTH - 4 * CARD_MARGIN) // size, 1)
        left = (_WIDTH - size * scale) // 2
        for row in code.matrix_iter(border=_QUIET_ZONE):
            self._add_scaled(list(row), left, scale, 1)

    def add_frame(self) -> None:
        """One dot thick, along the edges."""
        for row in self.rows[CARD_MARGIN:-CARD_MARGIN]:
            row[CARD_MARGIN] = row[-CARD_MARGIN - 1] = 1
        for row in (self.rows[CARD_MARGIN], self.rows[-CARD_MARGIN - 1]):
            row[CARD_MARGIN:-CARD_MARGIN] = bytes([1]) * (_WIDTH - 2 * CARD_MARGIN)

    def to_png(self) -> bytes:
        image = io.BytesIO()
        size = (_WIDTH, len(self.rows))
        writers.write_png(  # type: ignore[attr-defined]  # segno types other modules alone
            self.rows,
            size,
            image,
            dark=_DARK,
            light=_LIGHT,
            scale=_PIXELS_PER_DOT,
            border=0,
            compresslevel=COMPRESSION,
        )
        return image.getvalue()

    def _add_scaled(self, dots: Sequence[int], left: int, scale: int, dot: int) -> None:
        row = bytearray([1 - dot]) * _WIDTH
        for at, is_set in enumerate(dots):
            if is_set:
                start = left + at * scale
                row[start : start + scale] = bytes([dot]) * scale
        self.rows += [bytearray(row) for _ in range(scale)]
