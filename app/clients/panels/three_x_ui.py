"""3x-ui from 3.1 on: a client has our name, and both its link's id and its key are our own.

So a repeated call changes nothing, and another access is a new link: one update with other ids.
"""

import time
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final, TypeVar

from pydantic import BaseModel, JsonValue

from app.clients.http import retry_read
from app.clients.panels.panel_server import (
    KnownVersions,
    PanelConfig,
    PanelServer,
    check_link,
    choose_groups,
    quote_name,
    read_end,
    read_link,
    read_telegram_id,
)
from app.clients.panels.three_x_ui_answers import (
    ThreeXUiAnswer,
    ThreeXUiClient,
    ThreeXUiDefaults,
    ThreeXUiInbound,
    ThreeXUiInbounds,
    ThreeXUiRecord,
    ThreeXUiRow,
    ThreeXUiRows,
    ThreeXUiStatus,
    ThreeXUiTraffic,
)
from app.core import clock
from app.core.side_by_side import run_side_by_side
from app.domain.panel_accounts import (
    AccountPage,
    AccountState,
    ListedAccount,
    is_panel_name_usable,
)
from app.domain.ports import (
    Access,
    AccessRef,
    Device,
    RefusedError,
    UnavailableError,
    Usage,
)

_VERSIONS: Final = KnownVersions("3x-ui", oldest=(3, 1), below=(4, 0))
# With it a wrong token is a 401, without it a 404 like any other.
_XHR: Final = {"X-Requested-With": "XMLHttpRequest"}
_CACHE_SECONDS: Final = 300
_PAGE_SIZE: Final = 200  # the most that it gives
_PAGE_SIZE_WITH_IDS: Final = 20  # each is asked about by itself
_NOT_FOUND: Final = ("record not found", "not found in any inbound")
_NAME_TAKEN: Final = ("email already in use",)
_BUSY: Final = ("database is locked",)
# Messages are translated, these parts of them are not. Others may hold a link's id.
_KNOWN_REASONS: Final = (*_NOT_FOUND, *_NAME_TAKEN, *_BUSY, "subId already in use")
_VISION: Final = "xtls-rprx-vision"
_MAX_ADDRESSES: Final = 1000
_ADDRESS_LENGTH: Final = 45

M = TypeVar("M", bound=BaseModel)


class ThreeXUiPanel:
    """Close it with `aclose`."""

    def __init__(self, config: PanelConfig) -> None:
        headers = {"Authorization": f"Bearer {config.key}"}
        self._config = config
        self._server = PanelServer(config, _XHR | headers, _VERSIONS, self._read_version)
        self._link_base, self._link_base_until = config.link_base or "", 0.0

    async def aclose(self) -> None:
        await self._server.aclose()

    async def provision(self, access: Access) -> str:
        await self._server.require_version()
        client = await self._find(access.name) or await self._add(access)
        is_link_old = access.replaces is not None and client.record.sub_id != _to_sub_id(access)
        if is_link_old and await self._get_used(access.name):
            await self._require(
                "POST", f"/clients/resetTraffic/{quote_name(access.name)}", "reset-traffic"
            )
        client = await self._update(client, access, with_link=is_link_old)
        return await self._build_link(client.record.sub_id)

    async def retire(self, replaced: AccessRef) -> None:
        """The new link was the end of the old one."""

    async def deprovision(self, access: AccessRef) -> None:
        await self._server.require_version()
        answer = await self._call("POST", f"/clients/del/{quote_name(access.name)}", "delete")
        if not answer.says(_NOT_FOUND):
            _raise_refusal(answer, "delete")

    @retry_read
    async def get_usage(self, access: AccessRef) -> Usage | None:
        await self._server.require_version()
        traffic = await self._get_traffic(access.name)
        if traffic is None:
            return None
        online_ms = traffic.last_online_ms
        online_at = datetime.fromtimestamp(online_ms / 1000, UTC) if online_ms > 0 else None
        return Usage(traffic.up + traffic.down, online_at)

    @retry_read
    async def list_devices(self, access: AccessRef) -> list[Device]:
        """Addresses: up to 3.6 the panel knows no devices, and clears them only all at once."""
        await self._server.require_version()
        answer = await self._require("POST", f"/clients/ips/{quote_name(access.name)}", "ips")
        return [Device(address, address) for address in _list_addresses(answer.obj)]

    async def clear_devices(self, access: AccessRef) -> None:
        await self._server.require_version()
        await self._require("POST", f"/clients/clearIps/{quote_name(access.name)}", "clear-ips")

    @retry_read
    async def list_accounts(
        self, cursor: str | None = None, *, with_telegram_ids: bool = False
    ) -> AccountPage:
        """The oldest first: one that goes moves those behind it, one that comes moves none."""
        await self._server.require_version()
        page = int(cursor or 1)
        size = _PAGE_SIZE_WITH_IDS if with_telegram_ids else _PAGE_SIZE
        path = f"/clients/list/paged?page={page}&pageSize={size}"
        answer = await self._require("GET", path, "list")
        listed = self._read(answer, ThreeXUiRows, "list")
        telegram_ids = await self._list_telegram_ids(listed.items) if with_telegram_ids else {}
        base = await self._find_link_base()
        accounts = [
            self._to_account(row, base, telegram_ids.get(row.email)) for row in listed.items
        ]
        return AccountPage(accounts, str(page + 1) if accounts else None, listed.total)

    @retry_read
    async def find_account(self, access: AccessRef) -> ListedAccount | None:
        await self._server.require_version()
        client = await self._find(access.name)
        if client is None:
            return None
        row = ThreeXUiRow.model_validate(
            client.record.model_dump(by_alias=True)
            | {"email": access.name, "traffic": {"up": 0, "down": client.used_bytes}}
        )
        telegram_id = client.record.telegram_id
        return self._to_account(row, await self._find_link_base(), telegram_id)

    async def check(self) -> None:
        self._server.doubt_version()
        await self._server.require_version()

    async def _read_version(self) -> str:
        answer = await self._require("GET", "/server/status", "status")
        return self._read(answer, ThreeXUiStatus, "status").version

    async def _find(self, name: str) -> ThreeXUiClient | None:
        answer = await self._call("GET", f"/clients/get/{quote_name(name)}", "find")
        if answer.says(_NOT_FOUND):
            return None
        _raise_refusal(answer, "find")
        return self._read(answer, ThreeXUiClient, "find")

    async def _list_telegram_ids(self, rows: list[ThreeXUiRow]) -> dict[str, int]:
        names = [row.email for row in rows if is_panel_name_usable(row.email)]
        clients = await run_side_by_side(self._find(name) for name in names)
        return {
            name: client.record.telegram_id
            for name, client in zip(names, clients, strict=True)
            if client is not None
        }

    def _to_account(self, row: ThreeXUiRow, base: str, telegram_id: int | None) -> ListedAccount:
        used = row.traffic.up + row.traffic.down if row.traffic else 0
        return ListedAccount(
            name=row.email,
            state=_get_state(row, used),
            expires_at=read_end(row.expires_ms // 1000),
            used_bytes=used,
            traffic_limit_bytes=row.total_bytes,
            device_limit=row.ip_limit,
            link=read_link(f"{base}/{row.sub_id}", self._config) if base and row.sub_id else None,
            telegram_id=read_telegram_id(telegram_id),
        )

    async def _add(self, access: Access) -> ThreeXUiClient:
        """A client of our name that somebody made meanwhile is ours."""
        inbounds = await self._choose_inbounds(access)
        client: dict[str, JsonValue] = {
            "email": access.name,
            "id": str(access.access_id),
            "subId": _to_sub_id(access),
            "flow": _VISION if any(inbound.takes_vision for inbound in inbounds) else "",
            "limitIp": access.device_limit,
            "totalGB": access.traffic_limit_bytes,
            "expiryTime": _to_ms(access.expires_at),
            "enable": True,
        }
        ids: list[JsonValue] = [inbound.id for inbound in inbounds]
        body: dict[str, JsonValue] = {"client": client, "inboundIds": ids}
        answer = await self._call("POST", "/clients/add", "add", body)
        if not answer.says(_NAME_TAKEN):
            _raise_refusal(answer, "add")
        found = await self._find(access.name)
        if found is None:
            raise UnavailableError("panel add: the client is not to be found")
        return found

    async def _update(
        self, client: ThreeXUiClient, access: Access, *, with_link: bool
    ) -> ThreeXUiClient:
        """Whole, in one write, and only where something differs."""
        record, changes = client.record, await self._list_changes(client.record, access)
        if with_link:
            changes |= {"uuid": str(access.access_id), "sub_id": _to_sub_id(access)}
        wanted = record.model_copy(update=changes)
        if wanted != record:
            body = _to_body(wanted)
            await self._require(
                "POST", f"/clients/update/{quote_name(access.name)}", "update", body
            )
        if not client.inbound_ids:
            ids: list[JsonValue] = [inbound.id for inbound in await self._choose_inbounds(access)]
            path = f"/clients/{quote_name(access.name)}/attach"
            await self._require("POST", path, "attach", {"inboundIds": ids})
        return client.model_copy(update={"record": wanted})

    async def _list_changes(self, record: ThreeXUiRecord, access: Access) -> dict[str, object]:
        limit = access.traffic_limit_bytes
        changes: dict[str, object] = {
            "ip_limit": access.device_limit,
            "total_bytes": limit,
            "expires_ms": _to_ms(access.expires_at),
        }
        # The panel itself disables what is spent: enabled, it would run until it is seen again.
        if not record.enable and not (limit and await self._get_used(access.name) >= limit):
            changes["enable"] = True
        return changes

    async def _get_used(self, name: str) -> int:
        traffic = await self._get_traffic(name)
        return traffic.up + traffic.down if traffic else 0

    async def _get_traffic(self, name: str) -> ThreeXUiTraffic | None:
        answer = await self._require("GET", f"/clients/traffic/{quote_name(name)}", "traffic")
        return None if answer.obj is None else self._read(answer, ThreeXUiTraffic, "traffic")

    async def _choose_inbounds(self, access: Access) -> list[ThreeXUiInbound]:
        answer = await self._require("GET", "/inbounds/options", "inbounds")
        listed = self._read(answer, ThreeXUiInbounds, "inbounds").root
        inbounds = {str(one.id): one for one in listed}
        names = {id_: one.remark or one.tag for id_, one in inbounds.items()}
        chosen = choose_groups(self._config, names, "inbound", access.groups)
        return [inbounds[id_] for id_ in chosen]

    async def _build_link(self, sub_id: str) -> str:
        base = await self._find_link_base()
        if not base:
            raise RefusedError("panel settings: no address for subscriptions; set VPN_SUB_URL")
        return check_link(f"{base}/{sub_id}", self._config, "provision")

    async def _find_link_base(self) -> str:
        """Empty where neither the panel nor the configuration has it."""
        if not self._config.link_base and time.monotonic() >= self._link_base_until:
            answer = await self._require("POST", "/setting/defaultSettings", "settings")
            self._link_base = self._read(answer, ThreeXUiDefaults, "settings").link_base
            self._link_base_until = time.monotonic() + _CACHE_SECONDS
        return self._link_base.rstrip("/")

    async def _require(
        self, verb: str, path: str, method: str, body: dict[str, JsonValue] | None = None
    ) -> ThreeXUiAnswer:
        answer = await self._call(verb, path, method, body)
        _raise_refusal(answer, method)
        return answer

    async def _call(
        self, verb: str, path: str, method: str, body: dict[str, JsonValue] | None = None
    ) -> ThreeXUiAnswer:
        answer = await self._server.call(verb, f"/panel/api{path}", method=method, body=body)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RefusedError(f"panel {method}: HTTP {answer.status}")
        return self._server.parse(answer, ThreeXUiAnswer, method)

    def _read(self, answer: ThreeXUiAnswer, model: type[M], method: str) -> M:
        return self._server.read(answer.obj, model, method)


def _get_state(row: ThreeXUiRow, used_bytes: int) -> AccountState:
    """The panel itself takes `enable` from what is over or spent."""
    if row.expires_ms < 0:
        return AccountState.ON_HOLD if row.enable else AccountState.DISABLED
    if 0 < row.expires_ms <= _to_ms(clock.now()):
        return AccountState.EXPIRED
    if 0 < row.total_bytes <= used_bytes:
        return AccountState.LIMITED
    return AccountState.ACTIVE if row.enable else AccountState.DISABLED


def _to_sub_id(access: AccessRef) -> str:
    return access.access_id.hex


def _to_ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _to_body(record: ThreeXUiRecord) -> dict[str, JsonValue]:
    """The client of an update as the record of an answer has it: some names differ."""
    body: dict[str, JsonValue] = record.model_dump(by_alias=True, mode="json")
    body["id"] = body.pop("uuid")
    body["created_at"] = body.pop("createdAt", 0)
    body.pop("updatedAt", None)
    addresses = body.pop("allowedIPs", None)
    if isinstance(addresses, str) and addresses:
        body["allowedIPs"] = [*(part.strip() for part in addresses.split(","))]
    return body


def _list_addresses(listed: JsonValue) -> list[str]:
    """Of `{"ip", "time", "node"}`, before 3.4 of "ip (time)"; for none, a list or a sentence.

    The times are in a zone that the panel does not say.
    """
    entries = listed[:_MAX_ADDRESSES] if isinstance(listed, list) else []
    said = [entry.get("ip") if isinstance(entry, dict) else entry for entry in entries]
    found = [_read_address(one.partition(" ")[0]) for one in said if isinstance(one, str)]
    return [*dict.fromkeys(address for address in found if address)]


def _read_address(text: str) -> str | None:
    """None for what is no address, and for one with a zone, which may be any text."""
    if len(text) > _ADDRESS_LENGTH or "%" in text:
        return None
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _raise_refusal(answer: ThreeXUiAnswer, method: str) -> None:
    if answer.success:
        return
    if answer.says(_BUSY):
        raise UnavailableError(f"panel {method}: its database is busy")
    reasons = [reason for reason in _KNOWN_REASONS if reason in answer.msg]
    raise RefusedError(f"panel {method}: {reasons[0] if reasons else 'refused, see its log'}")
