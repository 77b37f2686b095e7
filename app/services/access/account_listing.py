"""A panel's accounts page by page, each once, and whether that was all of them."""

import hashlib
from collections.abc import AsyncIterator, Collection
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
        self._pages_without_news = 0
        self.cursor: str | None = None
        self.is_over = False
        self.is_complete = False

    @property
    def count(self) -> int:
        return len(self._seen)

    def go_on(
        self, seen: Collection[int], cursor: str | None, *, is_over: bool, is_complete: bool
    ) -> None:
        """From where another process was: `seen` are digests of accounts."""
        self._seen.update(seen)
        self.cursor, self.is_over, self.is_complete = cursor, is_over, is_complete

    async def pages(self) -> AsyncIterator[list[ListedAccount]]:
        """Raises PortError, UnavailableError also where it would never end."""
        while not self.is_over:
            if page := await self.read_page():
                yield page

    async def read_page(self) -> list[ListedAccount]:
        """What is new on the next one, perhaps nothing. Raises as `pages` does."""
        page = await call_panel(
            self._panel.list_accounts(self.cursor, with_telegram_ids=self._with_telegram_ids)
        )
        new = [account for account in page.accounts if self._is_new(account)]
        self._pages_without_news = 0 if new else self._pages_without_news + 1
        self.cursor, self.is_over = page.next_cursor, page.next_cursor is None
        if self.is_over:
            self.is_complete = page.total is None or self.count >= page.total
        elif self._pages_without_news == _MAX_PAGES_WITHOUT_NEWS:
            raise UnavailableError("panel list: the same accounts come again and again")
        return new

    def _is_new(self, account: ListedAccount) -> bool:
        digest = digest_account(account)
        is_new = digest not in self._seen
        self._seen.add(digest)
        return is_new


def digest_account(account: ListedAccount) -> int:
    """Of its key, the same in every process; 64 bits, signed."""
    key = account.key.encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), signed=True)
