"""Answers 200 and does nothing: what uvicorn and the load generator can do at most."""

import os

import uvicorn
from starlette.types import Receive, Scope, Send


async def app(_scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(os.environ["PORT"]), access_log=False, log_level="warning", lifespan="off"
    )
