"""What services put into the outbox has all that its text needs, in every language."""

from collections.abc import Iterable

from structlog.testing import capture_logs

from app.bot.i18n import LANGUAGES
from app.bot.renderer import NOTIFICATION_RENDERERS, ScreenRenderer
from app.db.models import OutboxMessage

_ADDED = {"bot": "shop_bot"}  # by the delivery


def expect_readable(rows: Iterable[OutboxMessage]) -> None:
    """Tests' own templates are passed over. Raises LookupError for a missing value."""
    renderer = ScreenRenderer()
    for row in (row for row in rows if row.template in NOTIFICATION_RENDERERS):
        for language in LANGUAGES:
            with capture_logs() as logs:
                assert renderer.render(row.template, row.values | _ADDED, language).text.strip()
            assert logs == [], (row.template, row.values)
