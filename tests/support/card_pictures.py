"""Reads the pictures that users forward, dot by dot."""

import struct
import zlib
from itertools import islice

import segno

_PIXELS_PER_DOT = 4


def holds_code(image: bytes, link: str) -> bool:
    """Whether every module of the link's QR code is where a scanner looks for it."""
    code = [bytes(row) for row in segno.make_qr(link, error="m", mask=0).matrix]
    rows = _read_png(image)
    scale = 208 // (len(code) + 8)
    left = (240 - len(code) * scale) // 2
    modules = [row[left : left + len(code) * scale : scale] for row in rows]
    start = modules.index(code[0])
    found = list(islice(modules, start, start + len(code) * scale, scale))
    return {len(row) for row in rows} == {240} and found == code


def _read_png(image: bytes) -> list[bytes]:
    """Its rows of dots, 1 where it is dark; of an image with one bit a pixel and no filter."""
    width, height, depth = struct.unpack(">IIB", image[16:25])
    assert (image[:8], depth) == (b"\x89PNG\r\n\x1a\n", 1)
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(image):
        (length,) = struct.unpack(">I", image[at : at + 4])
        chunks[image[at + 4 : at + 8]] = image[at + 8 : at + 8 + length]
        at += length + 12
    is_dark_first = chunks[b"PLTE"][0] < chunks[b"PLTE"][3]
    pixels, stride = zlib.decompress(chunks[b"IDAT"]), 1 + -(-width // 8)
    rows = []
    for top in range(0, height, _PIXELS_PER_DOT):
        line = pixels[top * stride + 1 : (top + 1) * stride]
        bits = [line[x // 8] >> (7 - x % 8) & 1 for x in range(0, width, _PIXELS_PER_DOT)]
        rows.append(bytes(bit ^ is_dark_first for bit in bits))
    return rows
