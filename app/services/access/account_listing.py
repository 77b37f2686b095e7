"""A panel's accounts page by page, each once, and whether that was all of them."""

from collections.abc import AsyncIterator
from typing import Final

from app.domain.panel_accounts import AccountList, ListedAccount
from app.domain.ports import UnavailableError
from app.services.access.panel_work import call_panel

_MAX_PAGES_WITHOUT_NEWS: Final = 3


class AccountListing:
    """One look at all of them. `is_complete` holds once the pages have ended.

    What comes or goes meanwhile moves others from page to page: then they come twice, or not at
    all, and the panel's own count says that some are missing.
    """

    def __init__(self, panel: AccountList, *, with_telegram_ids: bool = False) -> None:
        self._panel = panel
        self._with_telegram_ids = with_telegram_ids
        self._seen: set[int] = set()  # of 100,000 keys some megabytes, whatever their length
        self.is_complete = False

    @property
    def count(self) -> int:
        return len(self._seen)

    async def pages(self) -> AsyncIterator[list[ListedAccount]]:
        """Raises PortError, UnavailableError also where it would never end."""
        cursor, without_news = None, 0
        while True:
            page = await call_panel(
                self._panel.list_accounts(cursor, with_telegram_ids=self._with_telegram_ids)
            )
            new = [account for account in page.accounts if self._is_new(account)]
            if new:
                yield new
            cursor, without_news = page.next_cursor, 0 if new else without_news + 1
            if cursor is None:
                self.is_complete = page.total is None or self.count >= page.total
                return
            if without_news == _MAX_PAGES_WITHOUT_NEWS:
                raise UnavailableError("panel list: the same accounts come again and again")

    def _is_new(self, account: ListedAccount) -> bool:
        key = hash(account.key)
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new
