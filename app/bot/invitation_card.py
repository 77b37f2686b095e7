"""The picture that a user sends to friends: an invitation, above the QR code of their link.

It promises nothing: it is looked at long after what the shop offers has changed (P14).
"""

from functools import lru_cache

from app.bot.card_canvas import CARD_MARGIN, CardCanvas


@lru_cache(maxsize=64)
def draw_invitation_card(head: str, title: str, text: str, foot: str, link: str) -> bytes:
    """A PNG of some 6 KB. Cached, because who forwards it once does so again."""
    canvas = CardCanvas()
    canvas.add_rows(2 * CARD_MARGIN)
    canvas.add_text(head, 3)
    canvas.add_rows(CARD_MARGIN)
    canvas.add_text(text, 1)
    canvas.add_rows(CARD_MARGIN // 2)
    canvas.add_qr(link)
    canvas.add_rows(CARD_MARGIN // 2, 1)
    canvas.add_rows(CARD_MARGIN // 2, 1)
    canvas.add_text(title, 3, 0)
    canvas.add_rows(CARD_MARGIN, 1)
    canvas.add_rows(CARD_MARGIN)
    canvas.add_text(foot, 1)
    canvas.add_rows(2 * CARD_MARGIN)
    canvas.add_frame()
    return canvas.to_png()
