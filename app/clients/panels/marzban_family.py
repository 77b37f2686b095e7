"""Marzban 0.8 and what it became, PasarGuard 5: accounts have our name, links are the panel's.

Each answer has another link, and each of them works until it is revoked: so the one that the user
has stays the one, and a link that nobody has got yet may be made anew as often as needed.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final, Literal, Protocol

from pydantic import BaseModel, BeforeValidator, JsonValue

from app.clients.http import HttpAnswer, retry_read
from app.clients.panels.panel_server import (
    KnownVersions,
    PanelConfig,
    PanelServer,
    check_link,
    read_end,
    read_link,
)
from app.clients.panels.password_login import PasswordLogin
from app.core import clock
from app.domain.panel_accounts import AccountPage, AccountState, ListedAccount
from app.domain.panel_ports import AccountGoneError
from app.domain.ports import (
    Access,
    AccessRef,
    RefusedError,
    UnavailableError,
    Usage,
)

Body = dict[str, JsonValue]
Ask = Callable[[str, str], Awaitable[HttpAnswer]]

_PAGE_SIZE: Final = 200  # the panel makes every link of a page


def _to_seconds(value: object) -> object:
    """Of an instant as either of them says it; None and 0 are for ever."""
    if isinstance(value, str):
        instant = datetime.fromisoformat(value)
        return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())
    return value or None


class MarzbanAccount(BaseModel):
    id: int | None = None  # PasarGuard's
    username: str
    status: Literal["active", "disabled", "limited", "expired", "on_hold"]
    used_traffic: int
    expire: Annotated[int | None, BeforeValidator(_to_seconds)] = None
    data_limit: int | None = None
    hwid_limit: int | None = None
    group_ids: list[int] | None = None
    online_at: datetime | None = None
    next_plan: JsonValue = None  # an update without it removes it
    subscription_url: str


class Dialect(Protocol):
    """Where the two differ."""

    versions: KnownVersions
    list_options: str  # what makes it say links

    def find_path(self, name: str) -> str: ...

    def get_path(self, account: MarzbanAccount) -> str: ...

    async def describe_groups(self, server: PanelServer, ask: Ask, access: Access) -> Body:
        """What of the panel's inbounds or groups a new account gets."""
        ...

    def list_own_changes(self, account: MarzbanAccount | None, access: Access) -> Body:
        """Beside end and traffic; of a new account without `account`."""
        ...

    def lacks_groups(self, account: MarzbanAccount) -> bool: ...


class MarzbanFamilyPanel:
    """Close it with `aclose`."""

    def __init__(self, config: PanelConfig, dialect: Dialect) -> None:
        is_key = config.key.startswith("pg_key_")
        headers = {"X-Api-Key": config.key} if is_key else {}
        self._config, self._dialect = config, dialect
        self._server = PanelServer(config, headers, dialect.versions, self._read_version)
        self._caller = self._server if is_key else PasswordLogin(self._server, config.key)

    async def aclose(self) -> None:
        await self._server.aclose()

    async def provision(self, access: Access) -> str:
        await self._server.require_version()
        account = await self._find(access.name)
        if account is None and access.link is not None:
            raise AccountGoneError("panel find: the account is gone, and its link with it")
        # Once the new link is delivered, all that is left to do is to go on from there.
        is_link_asked = access.replaces is not None and access.link is None and account is not None
        account = account or await self._create(access)
        if is_link_asked and account.used_traffic:
            account = await self._act(account, "reset")
        account = await self._update(account, access)
        if is_link_asked:
            account = await self._act(account, "revoke_sub")
        return access.link or check_link(account.subscription_url, self._config, "provision")

    async def retire(self, replaced: AccessRef) -> None:
        """The new link was the end of the old one."""

    async def deprovision(self, access: AccessRef) -> None:
        await self._server.require_version()
        account = await self._find(access.name)
        if account is not None:
            answer = await self._call("DELETE", self._dialect.get_path(account), "delete")
            if answer.status != HTTPStatus.NOT_FOUND:
                raise_marzban_refusal(answer, "delete")

    @retry_read
    async def get_usage(self, access: AccessRef) -> Usage | None:
        await self._server.require_version()
        account = await self._find(access.name)
        if account is None:
            return None
        online_at = account.online_at
        if online_at is not None and online_at.tzinfo is None:
            online_at = online_at.replace(tzinfo=UTC)
        return Usage(account.used_traffic, online_at)

    @retry_read
    async def list_accounts(
        self,
        cursor: str | None = None,
        *,
        with_telegram_ids: bool = False,  # noqa: ARG002 - it knows none
    ) -> AccountPage:
        """The oldest first: one that goes moves those behind it, one that comes moves none."""
        await self._server.require_version()
        offset = int(cursor or 0)
        path = f"/users?offset={offset}&limit={_PAGE_SIZE}&sort=created_at,username"
        answer = await self._call("GET", f"{path}{self._dialect.list_options}", "list")
        raise_marzban_refusal(answer, "list")
        page = self._server.parse(answer, _AccountPage, "list")
        accounts = [self._to_account(account) for account in page.users]
        next_cursor = str(offset + len(accounts)) if accounts else None
        return AccountPage(accounts, next_cursor, page.total)

    @retry_read
    async def find_account(self, access: AccessRef) -> ListedAccount | None:
        await self._server.require_version()
        account = await self._find(access.name)
        return self._to_account(account) if account else None

    async def check(self) -> None:
        self._server.doubt_version()
        await self._server.require_version()

    async def _read_version(self) -> str:
        answer = await self._call("GET", "/system", "system")
        raise_marzban_refusal(answer, "system")
        return self._server.parse(answer, _System, "system").version

    async def _find(self, name: str) -> MarzbanAccount | None:
        answer = await self._call("GET", self._dialect.find_path(name), "find")
        if answer.status == HTTPStatus.NOT_FOUND and b"User not found" in answer.body:
            return None
        return self._parse(answer, "find")

    def _to_account(self, account: MarzbanAccount) -> ListedAccount:
        return ListedAccount(
            name=account.username,
            state=AccountState(account.status),
            expires_at=read_end(account.expire or 0),
            used_bytes=account.used_traffic,
            traffic_limit_bytes=account.data_limit or 0,
            device_limit=account.hwid_limit,
            link=read_link(account.subscription_url, self._config),
        )

    async def _create(self, access: Access) -> MarzbanAccount:
        """An account of our name that somebody made meanwhile is ours."""
        body: Body = {
            "username": access.name,
            "status": "active",
            "expire": _to_unix(access.expires_at),
            "data_limit": access.traffic_limit_bytes,
            "data_limit_reset_strategy": "no_reset",
            **self._dialect.list_own_changes(None, access),
            **await self._dialect.describe_groups(self._server, self._ask, access),
        }
        answer = await self._call("POST", "/user", "create", body)
        if answer.status != HTTPStatus.CONFLICT:
            return self._parse(answer, "create")
        found = await self._find(access.name)
        if found is None:
            raise UnavailableError("panel create: the name is taken and not to be found")
        return found

    async def _update(self, account: MarzbanAccount, access: Access) -> MarzbanAccount:
        """One write for all that differs."""
        changes = self._dialect.list_own_changes(account, access)
        if account.expire != _to_unix(access.expires_at):
            changes["expire"] = _to_unix(access.expires_at)
        if (account.data_limit or 0) != access.traffic_limit_bytes:
            changes["data_limit"] = access.traffic_limit_bytes
        if account.status != "active" and _may_run(account, access):
            changes["status"] = "active"
        elif account.status == "on_hold":
            changes["status"] = "disabled"  # else its time would begin with the first connection
        if self._dialect.lacks_groups(account):
            changes |= await self._dialect.describe_groups(self._server, self._ask, access)
        if not changes:
            return account
        if account.next_plan is not None:
            changes["next_plan"] = account.next_plan
        path = self._dialect.get_path(account)
        updated = self._parse(await self._call("PUT", path, "update", changes), "update")
        if changes.get("status", updated.status) != updated.status:
            raise UnavailableError(f"panel update: the account stays {updated.status}")
        return updated

    async def _act(self, account: MarzbanAccount, action: str) -> MarzbanAccount:
        path = f"{self._dialect.get_path(account)}/{action}"
        return self._parse(await self._call("POST", path, action.replace("_", "-")), action)

    async def _call(
        self, verb: str, path: str, method: str, body: Body | None = None
    ) -> HttpAnswer:
        return await self._caller.call(verb, f"/api{path}", method=method, body=body)

    async def _ask(self, path: str, method: str) -> HttpAnswer:
        answer = await self._call("GET", path, method)
        raise_marzban_refusal(answer, method)
        return answer

    def _parse(self, answer: HttpAnswer, method: str) -> MarzbanAccount:
        raise_marzban_refusal(answer, method)
        return self._server.parse(answer, MarzbanAccount, method)


class _AccountPage(BaseModel):
    users: list[MarzbanAccount]
    total: int


class _System(BaseModel):
    version: str


def _to_unix(instant: datetime) -> int:
    return int(instant.timestamp())


def _may_run(account: MarzbanAccount, access: Access) -> bool:
    """Neither over nor spent: the panel would take it back."""
    limit = access.traffic_limit_bytes
    return access.expires_at > clock.now() and not 0 < limit <= account.used_traffic


def raise_marzban_refusal(answer: HttpAnswer, method: str) -> None:
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise RefusedError(f"panel {method}: HTTP {answer.status}")
