"""Serves the page itself and the files that the bot has sent."""

from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.world.world import World

_PAGE = Path(__file__).parent.parent / "page"
# The page changes with a checkout, so a browser asks each time (and mostly gets 304).
_ASK_AGAIN = {"Cache-Control": "no-cache"}


def page_routes(world: World) -> list[BaseRoute]:
    async def index(_request: Request) -> Response:
        return FileResponse(_PAGE / "index.html", headers=_ASK_AGAIN)

    async def file(request: Request) -> Response:
        return _file(world, request.path_params["file_id"])

    return [
        Route("/", index),
        Route("/world/files/{file_id}", file),
        Mount("/static", StaticFiles(directory=_PAGE)),
    ]


def _file(world: World, file_id: str) -> Response:
    file = world.state.files.get(file_id)
    if file is None:
        return PlainTextResponse("no such file", status_code=404)
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=86400"}
    if file.kind == "document":
        headers["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(file.file_name)}"
    return Response(file.content, media_type=file.mime_type, headers=headers)
