"""Marzban 0.8: accounts are called by name, and get protocols and their inbounds. No devices."""

from typing import Final

from pydantic import JsonValue, RootModel

from app.clients.http import HttpAnswer
from app.clients.panels.marzban_family import Ask, Body, MarzbanAccount, MarzbanFamilyPanel
from app.clients.panels.panel_server import (
    KnownVersions,
    PanelConfig,
    PanelServer,
    choose_groups,
    quote_name,
)
from app.domain.ports import Access

# The panel leaves it out of inbounds that can't have it.
_SETTINGS: Final[dict[str, dict[str, JsonValue]]] = {"vless": {"flow": "xtls-rprx-vision"}}


class _Inbound(RootModel[dict[str, JsonValue]]):
    @property
    def tag(self) -> str:
        return str(self.root.get("tag", ""))


class _Inbounds(RootModel[dict[str, list[_Inbound]]]):
    """By protocol."""


class _MarzbanDialect:
    versions = KnownVersions("Marzban", oldest=(0, 8), below=(0, 9))
    list_options = ""

    def __init__(self, config: PanelConfig) -> None:
        self._config = config

    def find_path(self, name: str) -> str:
        return f"/user/{quote_name(name)}"

    def get_path(self, account: MarzbanAccount) -> str:
        return self.find_path(account.username)

    async def describe_groups(self, server: PanelServer, ask: Ask, access: Access) -> Body:
        answer: HttpAnswer = await ask("/inbounds", "inbounds")
        protocols = {
            inbound.tag: protocol
            for protocol, inbounds in server.parse(answer, _Inbounds, "inbounds").root.items()
            for inbound in inbounds
        }
        tags = choose_groups(
            self._config, {tag: tag for tag in protocols}, "inbound", access.groups
        )
        chosen: dict[str, JsonValue] = {}
        for protocol in sorted({protocols[tag] for tag in tags}):
            chosen[protocol] = [tag for tag in tags if protocols[tag] == protocol]
        settings: dict[str, JsonValue] = {one: {**_SETTINGS.get(one, {})} for one in chosen}
        return {"proxies": settings, "inbounds": chosen}

    def list_own_changes(self, account: MarzbanAccount | None, access: Access) -> Body:  # noqa: ARG002
        return {}

    def lacks_groups(self, account: MarzbanAccount) -> bool:  # noqa: ARG002 - it needs a protocol
        return False


def create_marzban(config: PanelConfig) -> MarzbanFamilyPanel:
    return MarzbanFamilyPanel(config, _MarzbanDialect(config))
