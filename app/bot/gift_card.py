"""The picture of a gift that its buyer forwards: what it is, above the QR code of its link."""

from app.bot.card_canvas import CARD_MARGIN, CardCanvas


def draw_gift_card(head: str, title: str, length: str, foot: str, link: str) -> bytes:
    """A PNG."""
    canvas = CardCanvas()
    canvas.add_rows(2 * CARD_MARGIN)
    canvas.add_rows(CARD_MARGIN, 1)
    canvas.add_text(head, 4, 0)
    canvas.add_rows(CARD_MARGIN, 1)
    canvas.add_rows(2 * CARD_MARGIN)
    canvas.add_text(title, 3)
    canvas.add_rows(CARD_MARGIN)
    canvas.add_text(length, 2)
    canvas.add_qr(link)
    canvas.add_text(foot, 1)
    canvas.add_rows(3 * CARD_MARGIN)
    canvas.add_frame()
    return canvas.to_png()
