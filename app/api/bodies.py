"""Bodies of requests, read up to a bound."""

from starlette.requests import ClientDisconnect, Request


async def read_body(request: Request, max_bytes: int) -> bytes | None:
    """None when it is longer: nothing beyond the bound is kept."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > max_bytes:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)
