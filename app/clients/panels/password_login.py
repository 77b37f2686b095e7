"""A panel that gives a token for a name and a password: asked once, and again when it has ended."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from pydantic import BaseModel, JsonValue

from app.clients.http import HttpAnswer
from app.clients.panels.panel_server import PanelServer
from app.domain.ports import PanelKeyRefusedError, RefusedError


class _Token(BaseModel):
    access_token: str


class PasswordLogin:
    """`credentials` are name:password of an administrator."""

    def __init__(self, server: PanelServer, credentials: str) -> None:
        self._server = server
        self._name, _, self._password = credentials.partition(":")
        self._token: str | None = None
        self._logging_in = asyncio.Lock()  # twenty calls that meet an ended token log in once

    async def call(
        self, verb: str, path: str, *, method: str, body: Mapping[str, JsonValue] | None = None
    ) -> HttpAnswer:
        """As the server's own."""
        token = self._token or await self._renew(None)
        try:
            return await self._call(verb, path, method, body, token)
        except PanelKeyRefusedError:
            return await self._call(verb, path, method, body, await self._renew(token))

    async def _call(
        self, verb: str, path: str, method: str, body: Mapping[str, JsonValue] | None, token: str
    ) -> HttpAnswer:
        headers = {"Authorization": f"Bearer {token}"}
        return await self._server.call(verb, path, method=method, body=body, headers=headers)

    async def _renew(self, refused: str | None) -> str:
        async with self._logging_in:
            if self._token is None or self._token == refused:
                self._token = await self._log_in()
            return self._token

    async def _log_in(self) -> str:
        form = {"grant_type": "password", "username": self._name, "password": self._password}
        answer = await self._server.call("POST", "/api/admin/token", method="login", form=form)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RefusedError(f"panel login: HTTP {answer.status}")
        return self._server.parse(answer, _Token, "login").access_token
