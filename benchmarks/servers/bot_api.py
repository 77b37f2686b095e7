"""As little of the Bot API as the service needs to start and to answer a tap."""

import json
import os

import uvicorn
from starlette.types import Receive, Scope, Send

_BOT = {"id": 7000002, "is_bot": True, "first_name": "Tollgate", "username": "tollgate_bot"}
_MESSAGE = {
    "message_id": 1,
    "date": 1_795_300_000,
    "from": _BOT,
    "chat": {"id": 200_000_000, "type": "private", "first_name": "Ben"},
    "text": "Menu",
}
_RESULTS: dict[str, object] = {
    "getme": _BOT,
    "sendmessage": _MESSAGE,
    "editmessagetext": _MESSAGE,
    "getwebhookinfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
}
_TRUE = json.dumps({"ok": True, "result": True}).encode()
_BODIES = {
    name: json.dumps({"ok": True, "result": result}).encode() for name, result in _RESULTS.items()
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    body = _BODIES.get(scope["path"].rpartition("/")[2].lower(), _TRUE)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(os.environ["PORT"]),
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_keep_alive=60,
    )
