"""The style, the script and the icon of all pages, by addresses that change with them."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.domain.admin_web import ADMIN_WEB_PATH

STATIC_PATH: Final = f"{ADMIN_WEB_PATH}/static/{{name}}"
_FOLDER: Final = Path(__file__).parent / "static"
_MEDIA_TYPES: Final = {
    "admin.css": "text/css",
    "admin.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


@cache
def _read(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


@cache
def get_static_url(name: str) -> str:
    version = hashlib.sha256(_read(name)).hexdigest()[:12]
    return f"{STATIC_PATH.format(name=name)}?v={version}"


async def serve_static_file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _MEDIA_TYPES:
        return PlainTextResponse("Not found", 404)
    return Response(_read(name), headers=_HEADERS, media_type=_MEDIA_TYPES[name])
