"""PasarGuard 5, Marzban's successor: accounts are called by id, get groups, and have devices."""

from pydantic import BaseModel

from app.clients.panels.marzban_family import Ask, Body, MarzbanAccount, MarzbanFamilyPanel
from app.clients.panels.panel_server import (
    KnownVersions,
    PanelConfig,
    PanelServer,
    choose_groups,
    quote_name,
)
from app.domain.ports import Access


class _Group(BaseModel):
    id: int
    name: str
    is_disabled: bool = False


class _Groups(BaseModel):
    groups: list[_Group]


class _PasarGuardDialect:
    versions = KnownVersions("PasarGuard", oldest=(5, 0), below=(6, 0))
    list_options = "&load_sub=true"

    def __init__(self, config: PanelConfig) -> None:
        self._config = config

    def find_path(self, name: str) -> str:
        return f"/user/by-username/{quote_name(name)}"

    def get_path(self, account: MarzbanAccount) -> str:
        return f"/user/by-id/{account.id}"

    async def describe_groups(self, server: PanelServer, ask: Ask, access: Access) -> Body:
        groups = server.parse(await ask("/groups", "groups"), _Groups, "groups").groups
        known = {str(group.id): group.name for group in groups if not group.is_disabled}
        chosen = choose_groups(self._config, known, "group", access.groups)
        return {"group_ids": [int(id_) for id_ in chosen]}

    def list_own_changes(self, account: MarzbanAccount | None, access: Access) -> Body:
        if account is not None and account.hwid_limit == access.device_limit:
            return {}
        return {"hwid_limit": access.device_limit}

    def lacks_groups(self, account: MarzbanAccount) -> bool:
        return not account.group_ids


def create_pasarguard(config: PanelConfig) -> MarzbanFamilyPanel:
    return MarzbanFamilyPanel(config, _PasarGuardDialect(config))
