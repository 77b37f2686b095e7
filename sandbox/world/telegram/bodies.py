"""Reads a Bot API call however it comes: query, form, multipart or JSON."""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from pydantic import JsonValue
from starlette.requests import Request

from sandbox.world.telegram.errors import ApiError, bad_request

_MAX_BODY_BYTES = 50 * 1024 * 1024
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_DISPOSITION = re.compile(r"^content-disposition:(.*)$", re.IGNORECASE | re.MULTILINE)
_PARAMETER = re.compile(r';\s*(name|filename|filename\*)="?((?<=")[^"]*|[^";\r\n]*)"?')


@dataclass(frozen=True)
class Upload:
    file_name: str
    content: bytes


@dataclass
class Params:
    """Values are strings where they came in a form, JSON where they came as JSON."""

    values: dict[str, JsonValue] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str) -> int | None:
        try:
            return int(self.text(name))
        except ValueError:
            return None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "1", "yes", "t"}

    def json(self, name: str, what: str) -> JsonValue:
        """None when missing; `what` names the object in the error, as the server does."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            parsed: JsonValue = json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None
        return parsed


async def read_params(request: Request) -> Params:
    params = Params(dict(request.query_params))
    if request.method == "GET":
        return params
    body = await _read_body(request)
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        _read_multipart(params, content_type, body)
    elif content_type.startswith("application/json"):
        params.values |= _read_json(body)
    else:
        params.values |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return params


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise ApiError(413, "Request Entity Too Large")
    return bytes(body)


def _read_json(body: bytes) -> dict[str, JsonValue]:
    if not body:
        return {}
    try:
        parsed: JsonValue = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(parsed, dict):
        raise bad_request("object expected")
    return parsed


def _read_multipart(params: Params, content_type: str, body: bytes) -> None:
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise bad_request("boundary parameter not found in multipart/form-data")
    delimiter = b"\r\n--" + found[1].encode()
    for part in (b"\r\n" + body).split(delimiter)[1:]:
        if part.startswith(b"--"):
            return
        _read_part(params, part)
    raise bad_request("multipart/form-data is not terminated")


def _read_part(params: Params, part: bytes) -> None:
    head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    disposition = _DISPOSITION.search(head.decode("utf-8", "replace"))
    if disposition is None:
        return
    fields = dict(_PARAMETER.findall(disposition[1]))
    name = fields.get("name", "")
    file_name = fields.get("filename")
    if encoded := fields.get("filename*"):
        file_name = unquote(encoded.rpartition("'")[2])
    if file_name is None:
        params.values[name] = content.decode("utf-8", "replace")
    else:
        params.uploads[name] = Upload(file_name, content)
