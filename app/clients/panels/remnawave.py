"""Remnawave 2.8 and 3.x: an account has our name, and its link's id is ours, so repeating is safe.

3.0 took the accounts' `uuid` away: whichever of `uuid` and `id` an answer has names the account in
the calls that follow, so that an update of the panel changes nothing here.
"""

import time
from datetime import UTC, datetime
from typing import Final

from pydantic import JsonValue

from app.clients.http import HttpAnswer, retry_read
from app.clients.panels.panel_server import (
    KnownVersions,
    PanelConfig,
    PanelServer,
    check_link,
    choose_groups,
    quote_name,
    read_link,
    read_telegram_id,
)
from app.clients.panels.remnawave_answers import (
    RemnawaveAccount,
    RemnawaveAccountAnswer,
    RemnawaveAccountPageAnswer,
    RemnawaveDevicesAnswer,
    RemnawaveMetadataAnswer,
    RemnawaveSquadsAnswer,
    get_error_code,
    raise_refusal,
)
from app.core import clock
from app.domain.panel_accounts import AccountPage, AccountState, ListedAccount
from app.domain.ports import (
    Access,
    AccessRef,
    Device,
    PortError,
    UnavailableError,
    Usage,
)

_VERSIONS: Final = KnownVersions("Remnawave", oldest=(2, 8), below=(4, 0))
_NAME_TAKEN: Final = "A019"
_DISABLED_ALREADY: Final = "A029"
_NOT_FOUND: Final = frozenset({"A025", "A062", "A063"})
_DEVICE_NOT_FOUND: Final = "A204"
_SQUADS_SECONDS: Final = 300
_MAX_DEVICES: Final = 1000
_PAGE_SIZE: Final = 500  # of at most 1000
# Without them Remnawave closes the connection: it wants a proxy with TLS before it.
_FORWARDED: Final = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}


class RemnawavePanel:
    """Close it with `aclose`."""

    def __init__(self, config: PanelConfig) -> None:
        headers = {"Authorization": f"Bearer {config.key}"}
        self._config = config
        self._server = PanelServer(config, _FORWARDED | headers, _VERSIONS, self._read_version)
        self._squads: dict[str, str] = {}
        self._squads_until = 0.0

    async def aclose(self) -> None:
        await self._server.aclose()

    async def provision(self, access: Access) -> str:
        await self._server.require_version()
        account = await self._find(access.name) or await self._create(access)
        is_link_old = access.replaces is not None and account.short_uuid != _to_short_uuid(access)
        if is_link_old and account.traffic.used_bytes:
            account = await self._act(account, "reset-traffic")
        account = await self._update(account, access)
        if is_link_old:
            # The last one: it shows that all before it is done.
            account = await self._act(account, "revoke", {"shortUuid": _to_short_uuid(access)})
        return check_link(account.link, self._config, "provision")

    async def retire(self, replaced: AccessRef) -> None:
        """The new link was the end of the old one."""

    async def deprovision(self, access: AccessRef) -> None:
        await self._server.require_version()
        account = await self._find(access.name)
        if account is not None:
            answer = await self._call("DELETE", account.path, "delete")
            if get_error_code(answer) not in _NOT_FOUND:
                raise_refusal(answer, "delete")

    @retry_read
    async def get_usage(self, access: AccessRef) -> Usage | None:
        await self._server.require_version()
        account = await self._find(access.name)
        return Usage(account.traffic.used_bytes, account.traffic.online_at) if account else None

    @retry_read
    async def list_devices(self, access: AccessRef) -> list[Device]:
        await self._server.require_version()
        account = await self._find(access.name)
        if account is None:
            return []
        answer = await self._call("GET", account.devices_path, "devices")
        if get_error_code(answer) in _NOT_FOUND:
            return []
        raise_refusal(answer, "devices")
        listed = self._server.parse(answer, RemnawaveDevicesAnswer, "devices").response.devices
        return [device.to_device() for device in listed[:_MAX_DEVICES]]

    async def remove_device(self, access: AccessRef, device_id: str) -> None:
        await self._remove_devices(access, "delete", {"hwid": device_id})

    async def clear_devices(self, access: AccessRef) -> None:
        await self._remove_devices(access, "delete-all", {})

    @retry_read
    async def list_accounts(
        self,
        cursor: str | None = None,
        *,
        with_telegram_ids: bool = False,  # noqa: ARG002 - they are always there
    ) -> AccountPage:
        """In the order of its ids, so that what comes or goes moves none from page to page."""
        await self._server.require_version()
        begin = f"&cursor={quote_name(cursor)}" if cursor else ""
        answer = await self._call("GET", f"/users/stream?size={_PAGE_SIZE}{begin}", "list")
        raise_refusal(answer, "list")
        page = self._server.parse(answer, RemnawaveAccountPageAnswer, "list").response
        accounts = [self._to_account(account) for account in page.accounts]
        return AccountPage(accounts, str(page.next_cursor) if page.next_cursor else None)

    @retry_read
    async def find_account(self, access: AccessRef) -> ListedAccount | None:
        await self._server.require_version()
        account = await self._find(access.name)
        return self._to_account(account) if account else None

    async def check(self) -> None:
        self._server.doubt_version()
        await self._server.require_version()
        await self._find("nobody")

    async def _read_version(self) -> str:
        answer = await self._call("GET", "/system/metadata", "metadata")
        raise_refusal(answer, "metadata")
        return self._server.parse(answer, RemnawaveMetadataAnswer, "metadata").response.version

    async def _find(self, name: str) -> RemnawaveAccount | None:
        answer = await self._call("GET", f"/users/by-username/{quote_name(name)}", "find")
        if get_error_code(answer) in _NOT_FOUND:
            return None
        return self._parse(answer, "find")

    def _to_account(self, account: RemnawaveAccount) -> ListedAccount:
        return ListedAccount(
            name=account.username,
            state=AccountState(account.status.lower()),
            expires_at=account.expires_at,
            used_bytes=account.traffic.used_bytes,
            traffic_limit_bytes=account.traffic_limit_bytes,
            device_limit=account.device_limit,
            link=read_link(account.link, self._config),
            telegram_id=read_telegram_id(account.telegram_id),
        )

    async def _create(self, access: Access) -> RemnawaveAccount:
        """An account of our name that somebody made meanwhile is ours."""
        body: dict[str, JsonValue] = {
            "username": access.name,
            "shortUuid": _to_short_uuid(access),
            "expireAt": _to_iso(access.expires_at),
            "trafficLimitBytes": access.traffic_limit_bytes,
            "trafficLimitStrategy": "NO_RESET",
            "hwidDeviceLimit": access.device_limit,
            "activeInternalSquads": [*await self._choose_squads(access)],
        }
        try:
            answer = await self._call("POST", "/users", "create", body)
        except PortError:
            self._squads_until = 0  # a squad that is gone is an error of the server
            raise
        if get_error_code(answer) == _NAME_TAKEN:
            found = await self._find(access.name)
            if found is None:
                raise UnavailableError("panel create: the name is taken and not to be found")
            return found
        return self._parse(answer, "create")

    async def _update(self, account: RemnawaveAccount, access: Access) -> RemnawaveAccount:
        """One write for all that differs: two quick ones leave a limited account limited."""
        now = clock.now()
        if access.expires_at <= now:
            return await self._stop(account, now)
        changes = await self._list_changes(account, access)
        if not changes:
            return account
        body: dict[str, JsonValue] = {"username": access.name, **changes}
        answer = await self._call("PATCH", "/users", "update", body)
        updated = self._parse(answer, "update")
        if changes.get("status", updated.status) != updated.status:
            raise UnavailableError(f"panel update: the account stays {updated.status}")
        return updated

    async def _list_changes(
        self, account: RemnawaveAccount, access: Access
    ) -> dict[str, JsonValue]:
        changes: dict[str, JsonValue] = {}
        if _to_iso(account.expires_at) != _to_iso(access.expires_at):
            changes["expireAt"] = _to_iso(access.expires_at)
        if account.traffic_limit_bytes != access.traffic_limit_bytes:
            changes["trafficLimitBytes"] = access.traffic_limit_bytes
        if account.device_limit != access.device_limit:
            changes["hwidDeviceLimit"] = access.device_limit
        if access.groups or not account.squads:
            squads = await self._choose_squads(access)
            # Those that operators have added stay.
            if not {*squads} <= {squad.uuid for squad in account.squads}:
                changes["activeInternalSquads"] = [*squads]
        if account.status != "ACTIVE" and not _is_spent(account, access):
            changes["status"] = "ACTIVE"
        return changes

    async def _stop(self, account: RemnawaveAccount, now: datetime) -> RemnawaveAccount:
        """An end that is past can be had in no other way, and is not needed where it is past."""
        if account.expires_at <= now or account.status == "DISABLED":
            return account
        return await self._act(account, "disable")

    async def _act(
        self, account: RemnawaveAccount, action: str, body: dict[str, JsonValue] | None = None
    ) -> RemnawaveAccount:
        answer = await self._call("POST", f"{account.path}/actions/{action}", action, body)
        if get_error_code(answer) == _DISABLED_ALREADY:
            return account
        return self._parse(answer, action)

    async def _remove_devices(
        self, access: AccessRef, action: str, body: dict[str, JsonValue]
    ) -> None:
        await self._server.require_version()
        account = await self._find(access.name)
        if account is None:
            return
        path, method = f"/hwid/devices/{action}", f"{action}-devices"
        answer = await self._call("POST", path, method, account.as_owner | body)
        if get_error_code(answer) not in {*_NOT_FOUND, _DEVICE_NOT_FOUND}:
            raise_refusal(answer, method)

    async def _choose_squads(self, access: Access) -> list[str]:
        if time.monotonic() >= self._squads_until:
            answer = await self._call("GET", "/internal-squads", "squads")
            raise_refusal(answer, "squads")
            squads = self._server.parse(answer, RemnawaveSquadsAnswer, "squads").response.squads
            self._squads = {squad.uuid: squad.name for squad in squads}
            self._squads_until = time.monotonic() + _SQUADS_SECONDS
        return choose_groups(self._config, self._squads, "internal squad", access.groups)

    async def _call(
        self, verb: str, path: str, method: str, body: dict[str, JsonValue] | None = None
    ) -> HttpAnswer:
        return await self._server.call(verb, f"/api{path}", method=method, body=body)

    def _parse(self, answer: HttpAnswer, method: str) -> RemnawaveAccount:
        raise_refusal(answer, method)
        return self._server.parse(answer, RemnawaveAccountAnswer, method).response


def _to_short_uuid(access: AccessRef) -> str:
    return access.access_id.hex


def _to_iso(instant: datetime) -> str:
    """In whole seconds, so that what we have sent is what we find."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _is_spent(account: RemnawaveAccount, access: Access) -> bool:
    """Its traffic is used up: the panel would limit it again."""
    limit = access.traffic_limit_bytes
    return account.status == "LIMITED" and 0 < limit <= account.traffic.used_bytes
