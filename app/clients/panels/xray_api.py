"""The plain "VPN API" panel: a few calls, our own uuid as the key, so that repeating is safe."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, ValidationError

from app.clients.http import HttpAnswer, MaybeDoneError, retry_read
from app.clients.panels.panel_server import PanelConfig, create_peer
from app.clients.vpn_keys import KEY_SCHEMES
from app.core import clock
from app.domain.panel_accounts import AccountPage, AccountState, ListedAccount
from app.domain.ports import (
    Access,
    AccessRef,
    PanelKeyRefusedError,
    RefusedError,
    Usage,
)

_LINK: Final = rf"^({'|'.join(sorted({'http', 'https'} | KEY_SCHEMES))})://\S+$"
_NOBODY: Final = AccessRef(UUID(int=0), "")
_PAGE_SIZE: Final = 500
_NO_LIST: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
_WRONG_KEY: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

M = TypeVar("M", bound=BaseModel)


class _Provisioned(BaseModel):
    subscription_url: Annotated[str, Field(pattern=_LINK, max_length=2048)]


class _User(BaseModel):
    used_bytes: Annotated[int, Field(ge=0)] = 0
    online_at: AwareDatetime | None = None


class _Account(_User):
    uuid: UUID
    name: str
    expires_at: AwareDatetime
    traffic_limit_bytes: Annotated[int, Field(ge=0)] = 0
    device_limit: Annotated[int, Field(ge=0)] = 0
    subscription_url: Annotated[str | None, Field(pattern=_LINK, max_length=2048)] = None

    def to_account(self) -> ListedAccount:
        return ListedAccount(
            name=self.name,
            state=self._get_state(),
            expires_at=self.expires_at,
            used_bytes=self.used_bytes,
            traffic_limit_bytes=self.traffic_limit_bytes,
            device_limit=self.device_limit,
            link=self.subscription_url,
            access_id=self.uuid,
        )

    def _get_state(self) -> AccountState:
        if self.expires_at <= clock.now():
            return AccountState.EXPIRED
        is_spent = 0 < self.traffic_limit_bytes <= self.used_bytes
        return AccountState.LIMITED if is_spent else AccountState.ACTIVE


class _AccountPage(BaseModel):
    users: list[_Account]
    next: UUID | None = None


class _Health(BaseModel):
    status: str


class XrayPanel:
    """Close it with `aclose`."""

    def __init__(self, config: PanelConfig) -> None:
        headers = {**config.headers, "X-API-Key": config.key}
        self._peer = create_peer(config, headers)

    async def aclose(self) -> None:
        await self._peer.aclose()

    async def provision(self, access: Access) -> str:
        body: dict[str, JsonValue] = {
            "uuid": str(access.access_id),
            "name": access.name,
            "expires_at": _to_iso(access.expires_at),
            "traffic_limit_bytes": access.traffic_limit_bytes,
            "device_limit": access.device_limit,
        }
        answer = await self._peer.call("POST", "/add-user", method="add-user", body=body)
        return _parse(answer, _Provisioned, "add-user").subscription_url

    async def retire(self, replaced: AccessRef) -> None:
        await self.deprovision(replaced)

    async def deprovision(self, access: AccessRef) -> None:
        path = f"/remove-user/{access.access_id}"
        answer = await self._peer.call("POST", path, method="remove-user")
        if answer.status != HTTPStatus.NOT_FOUND:
            _refuse(answer, "remove-user")

    @retry_read
    async def list_accounts(
        self,
        cursor: str | None = None,
        *,
        with_telegram_ids: bool = False,  # noqa: ARG002 - it knows none
    ) -> AccountPage:
        after = f"&after={UUID(cursor)}" if cursor else ""
        answer = await self._peer.call("GET", f"/users?limit={_PAGE_SIZE}{after}", method="list")
        if answer.status in _NO_LIST:
            raise RefusedError("panel list: it has no list of its accounts (GET /users)")
        page = _parse(answer, _AccountPage, "list")
        accounts = [account.to_account() for account in page.users]
        return AccountPage(accounts, str(page.next) if page.next else None)

    @retry_read
    async def find_account(self, access: AccessRef) -> ListedAccount | None:
        answer = await self._get(access)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        return _parse(answer, _Account, "users").to_account()

    @retry_read
    async def get_usage(self, access: AccessRef) -> Usage | None:
        answer = await self._get(access)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        user = _parse(answer, _User, "users")
        return Usage(user.used_bytes, user.online_at)

    async def check(self) -> None:
        """Its health asks for no key, so nobody's usage is asked for as well."""
        answer = await self._peer.call("GET", "/health", method="health")
        status = _parse(answer, _Health, "health").status
        if status != "ok":
            raise MaybeDoneError("panel health: not ok")
        await self.get_usage(_NOBODY)

    async def _get(self, access: AccessRef) -> HttpAnswer:
        return await self._peer.call("GET", f"/users/{access.access_id}", method="users")


def _to_iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def _refuse(answer: HttpAnswer, method: str) -> None:
    if answer.status in _WRONG_KEY:
        raise PanelKeyRefusedError(f"panel {method}: HTTP {answer.status}, the key was refused")
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise RefusedError(f"panel {method}: HTTP {answer.status}")


def _parse(answer: HttpAnswer, model: type[M], method: str) -> M:
    _refuse(answer, method)
    try:
        return model.model_validate_json(answer.body)
    except ValidationError:
        raise MaybeDoneError(
            f"panel {method}: HTTP {answer.status}, an unreadable answer"
        ) from None
