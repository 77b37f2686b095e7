"""Several pictures or documents as one album: a message each, held together by an id."""

import secrets
from typing import Final

from pydantic import JsonValue

from sandbox.world.telegram import chats, files, placing
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.formatting import read_text, require_caption_length
from sandbox.world.telegram.models import Message
from sandbox.world.world import World

_MOST: Final = 10


def send_media_group(world: World, params: Params) -> JsonValue:
    media = params.json("media", "media")
    if not isinstance(media, list):
        raise bad_request("can't parse media JSON object: expected an Array of InputMedia")
    if not media:
        raise bad_request("there are no messages to send")
    if len(media) > _MOST:
        raise bad_request("too many messages to send as an album")
    chat_id = chats.require_open_chat(world, params, "media messages")
    group_id = str(secrets.randbits(62))
    parts = [_part(world, params, chat_id, one) for one in media]
    if len({world.state.files[part.file_id or ""].kind for part in parts}) > 1:
        raise bad_request("document can't be mixed with other media types")
    for part in parts:
        part.media_group_id = group_id
    return [chats.send(world, part) for part in parts]


def _part(world: World, params: Params, chat_id: int, media: JsonValue) -> Message:
    if not isinstance(media, dict) or media.get("type") not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: media type is invalid")
    kind: files.Kind = "photo" if media["type"] == "photo" else "document"
    caption = read_text(Params(media), name="caption", entities_name="caption_entities")
    require_caption_length(caption)
    message = Message(
        message_id=0,
        chat_id=chat_id,
        from_bot=True,
        date=world.clock.timestamp(),
        body=caption,
        file_id=files.read_file(world, params, kind, str(media.get("media"))).file_id,
    )
    return placing.place(world, params, message)
