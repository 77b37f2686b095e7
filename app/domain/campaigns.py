"""Campaign links: a place that a link is put in, and what came of it."""

import re
from typing import Final

CAMPAIGN_LINK_PREFIX: Final = "c"  # of the links that carry a code
# Fits into a link (https://core.telegram.org/api/links#bot-links), which has 64 characters.
_CODE: Final = re.compile(r"[a-z0-9_-]{1,32}")


def normalize_campaign_code(typed: str) -> str | None:
    """As codes are stored: in lower case; None if it can't be one."""
    code = typed.strip().lower()
    return code if _CODE.fullmatch(code) else None


def build_campaign_link(bot_username: str, code: str) -> str:
    return f"https://t.me/{bot_username}?start={CAMPAIGN_LINK_PREFIX}_{code}"
