"""Capitals of five by seven dots, Latin and Cyrillic: what pictures say beside a QR code.

A font file would bring a library that draws it; dots go through the one that draws QR codes.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

GLYPH_WIDTH: Final = 5
GLYPH_HEIGHT: Final = 7

# One glyph a line, then its rows from the top; of each the highest of five bits is the left dot.
_GLYPHS: Final = """
A 0E 11 11 1F 11 11 11
B 1E 11 11 1E 11 11 1E
C 0E 11 10 10 10 11 0E
D 1E 11 11 11 11 11 1E
E 1F 10 10 1E 10 10 1F
F 1F 10 10 1E 10 10 10
G 0E 11 10 17 11 11 0F
H 11 11 11 1F 11 11 11
I 0E 04 04 04 04 04 0E
J 07 02 02 02 02 12 0C
K 11 12 14 18 14 12 11
L 10 10 10 10 10 10 1F
M 11 1B 15 15 11 11 11
N 11 11 19 15 13 11 11
O 0E 11 11 11 11 11 0E
P 1E 11 11 1E 10 10 10
Q 0E 11 11 11 15 12 0D
R 1E 11 11 1E 14 12 11
S 0F 10 10 0E 01 01 1E
T 1F 04 04 04 04 04 04
U 11 11 11 11 11 11 0E
V 11 11 11 11 11 0A 04
W 11 11 11 15 15 15 0A
X 11 11 0A 04 0A 11 11
Y 11 11 0A 04 04 04 04
Z 1F 01 02 04 08 10 1F
Б 1F 10 10 1E 11 11 1E
Г 1F 10 10 10 10 10 10
Д 06 0A 0A 0A 0A 1F 11
Ё 0A 00 1F 10 1E 10 1F
Ж 15 15 0E 04 0E 15 15
З 0E 11 01 06 01 11 0E
И 11 11 13 15 19 11 11
Й 0A 04 11 13 15 19 11
Л 0F 09 09 09 09 09 11
П 1F 11 11 11 11 11 11
У 11 11 11 0A 04 08 10
Ф 04 0E 15 15 15 0E 04
Ц 12 12 12 12 12 1F 01
Ч 11 11 11 0F 01 01 01
Ш 15 15 15 15 15 15 1F
Щ 15 15 15 15 15 1F 01
Ъ 18 08 08 0E 09 09 0E
Ы 11 11 11 19 15 15 19
Ь 10 10 10 1E 11 11 1E
Э 0E 11 01 07 01 11 0E
Ю 12 15 15 1D 15 15 12
Я 0F 11 11 0F 05 09 11
0 0E 11 13 15 19 11 0E
1 04 0C 04 04 04 04 0E
2 0E 11 01 02 04 08 1F
3 1F 02 04 02 01 11 0E
4 02 06 0A 12 1F 02 02
5 1F 10 1E 01 01 11 0E
6 06 08 10 1E 11 11 0E
7 1F 01 02 04 08 08 08
8 0E 11 11 0E 11 11 0E
9 0E 11 11 0F 01 02 0C
. 00 00 00 00 00 0C 0C
, 00 00 00 00 0C 04 08
- 00 00 00 1F 00 00 00
+ 00 04 04 1F 04 04 00
: 00 0C 0C 00 0C 0C 00
! 04 04 04 04 04 00 04
? 0E 11 01 02 04 00 04
& 0C 12 14 08 15 12 0D
' 0C 04 08 00 00 00 00
( 02 04 08 08 08 04 02
) 08 04 02 02 02 04 08
/ 00 01 02 04 08 10 00
% 18 19 02 04 08 13 03
# 0A 0A 1F 0A 1F 0A 0A
« 00 05 0A 14 0A 05 00
» 00 14 0A 05 0A 14 00
"""
_SAME: Final = str.maketrans("АВЕКМНОРСТХ–—’", "ABEKMHOPCTX--'")
_SPACE: Final = (0,) * GLYPH_HEIGHT


def to_glyphs(text: str) -> list[Sequence[int]]:
    """Each as its rows; what the font does not have is left out, but for an accent."""
    capitals = " ".join(text.upper().split()).translate(_SAME)
    found = (_find_glyph(sign) for sign in unicodedata.normalize("NFC", capitals))
    return [glyph for glyph in found if glyph is not None]


def _find_glyph(sign: str) -> Sequence[int] | None:
    if sign == " ":
        return _SPACE
    glyphs = _load_glyphs()
    plain = unicodedata.normalize("NFKD", sign)[0]
    return glyphs.get(sign) or glyphs.get(plain)


@cache
def _load_glyphs() -> dict[str, Sequence[int]]:
    lines = (line.split() for line in _GLYPHS.split("\n") if line)
    return {sign: [int(row, 16) for row in rows] for sign, *rows in lines}
