"""Photos and documents: what comes with a call, checked and kept."""

import hashlib
import mimetypes
import secrets
import struct
import zlib
from typing import Literal
from urllib.parse import urlsplit

from pydantic import JsonValue

from sandbox.world.telegram.bodies import Params, Upload
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.models import SIZE_MARK, StoredFile
from sandbox.world.world import World

Kind = Literal["photo", "document"]
_ATTACHED = "attach://"
_MAX_PHOTO_BYTES = 10 * 1024 * 1024
_MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
_MAX_SIDES_SUM = 10_000
_MAX_SIDES_RATIO = 20
_STAND_IN = (320, 240)
_FETCHED_DOCUMENTS = (".gif", ".pdf", ".zip")  # Telegram takes no others from an address
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
# Start-of-frame markers hold a JPEG's size; C4, C8 and CC among them are something else.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_FRAME_BYTES = 9


def read_file(world: World, params: Params, kind: Kind, source: str) -> StoredFile:
    """The file that `source` names: a field of the call, an upload, `attach://x`, an id, a URL."""
    upload = params.uploads.get(source.removeprefix(_ATTACHED))
    if upload is not None:
        return _store(world, kind, upload)
    if not source:
        raise bad_request(f"there is no {kind} in the request")
    known = world.state.files.get(source.partition(SIZE_MARK)[0])
    if known is not None and known.kind == kind:
        return known
    if known is not None:
        raise bad_request(f"can't use file of type {known.kind.title()} as {kind.title()}")
    return _store(world, kind, _read_from_address(kind, source))


def keep_photo(world: World, content: bytes) -> StoredFile:
    """Of a user's message."""
    return _store(world, "photo", Upload("photo", content))


def get_file(world: World, params: Params) -> JsonValue:
    """`file_path` is what comes after `/file/bot<token>/` in the address of its content."""
    file_id = params.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = world.state.files.get(file_id.partition(SIZE_MARK)[0])
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > _MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": len(file.content),
        "file_path": f"{file.kind}s/{file.file_id}",
    }


def field_source(params: Params, field: str) -> str:
    """Where the file of this field is: uploaded under its name, or named by its value."""
    return field if field in params.uploads else params.text(field)


def _read_from_address(kind: Kind, source: str) -> Upload:
    """Nothing is fetched: a grey picture, or the address itself, stands for what is there."""
    scheme, separator, _ = source.partition("://")
    if not separator:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if scheme.lower() not in ("http", "https"):
        raise bad_request("invalid file HTTP URL specified: Unsupported URL protocol")
    try:
        url = urlsplit(source)
    except ValueError:  # half of an IPv6 address
        url = urlsplit("")
    if not url.hostname:
        raise bad_request("invalid file HTTP URL specified: URL host is empty")
    file_name = url.path.rpartition("/")[2]
    if kind == "photo":
        return Upload(file_name, _draw_stand_in())
    if not file_name.lower().endswith(_FETCHED_DOCUMENTS):
        raise bad_request("wrong type of the web page content")
    return Upload(file_name, source.encode())


def _draw_stand_in() -> bytes:
    width, height = _STAND_IN
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\xb0" * width) * height)
    chunks = (b"IHDR" + header, b"IDAT" + pixels, b"IEND")
    return _PNG + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )


def _store(world: World, kind: Kind, upload: Upload) -> StoredFile:
    if not upload.content:
        raise bad_request("file must be non-empty")
    width, height = _photo_size(upload.content) if kind == "photo" else (0, 0)
    guessed = mimetypes.guess_type(upload.file_name)[0] or "application/octet-stream"
    photo_type = "image/png" if upload.content.startswith(_PNG) else "image/jpeg"
    file = StoredFile(
        file_id=secrets.token_urlsafe(30),
        file_unique_id=hashlib.sha256(upload.content).hexdigest()[:16],
        kind=kind,
        file_name=upload.file_name,
        mime_type=photo_type if kind == "photo" else guessed,
        content=upload.content,
        width=width,
        height=height,
    )
    world.state.files[file.file_id] = file
    return file


def _photo_size(content: bytes) -> tuple[int, int]:
    if len(content) > _MAX_PHOTO_BYTES:
        raise bad_request("file is too big")
    width, height = _png_size(content) or _jpeg_size(content) or (0, 0)
    if not width or not height:
        raise bad_request("IMAGE_PROCESS_FAILED")
    longer, shorter = max(width, height), min(width, height)
    if width + height > _MAX_SIDES_SUM or longer > shorter * _MAX_SIDES_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return width, height


def _png_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_PNG) or content[12:16] != b"IHDR" or len(content) < 24:  # noqa: PLR2004 - PNG's header
        return None
    width, height = struct.unpack(">II", content[16:24])
    return int(width), int(height)


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_JPEG):
        return None
    position = len(_JPEG)
    while position + _JPEG_FRAME_BYTES <= len(content):
        marker, length = struct.unpack(">xBH", content[position : position + 4])
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return int(width), int(height)
        position += 2 + length
    return None
