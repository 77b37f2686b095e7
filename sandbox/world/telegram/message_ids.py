"""Reads the list of messages that a call is about."""

from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request


def read_message_ids(params: Params, most: int) -> list[int]:
    if not params.text("message_ids"):
        raise bad_request("message identifiers are not specified")
    ids = params.json("message_ids", "message_ids")
    if not isinstance(ids, list):
        raise bad_request("expected an Array of message identifiers")
    if len(ids) > most:
        raise bad_request("too many message identifiers specified")
    return [id_ for id_ in ids if isinstance(id_, int)]
