"""A VPN client at a subscription link of the world's panels."""

from collections.abc import Mapping

import httpx

from tests.support.plain_http import NO_CERTIFICATES


async def opens(link: str) -> bool:
    """Whether there is an account behind it; it is then used."""
    try:
        answer = await _get(link, {})
    except httpx.RemoteProtocolError:
        return False  # how Remnawave says that there is none
    return answer.status_code == 200


async def connect_device(
    link: str, hwid: str, model: str = "iPhone 15", system: str = "iOS", version: str = "18.1"
) -> bool:
    """Whether it gets its servers; a refusal is an answer, too, without any."""
    device = {"x-device-model": model, "x-device-os": system, "x-ver-os": version}
    answer = await _get(link, {"x-hwid": hwid, **device})
    is_let_in = "x-hwid-max-devices-reached" not in answer.headers and bool(answer.content)
    return answer.status_code == 200 and is_let_in


async def _get(link: str, headers: Mapping[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(verify=NO_CERTIFICATES, headers=headers) as client:
        return await client.get(link)
