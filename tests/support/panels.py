"""A VPN client at a subscription link of the world's panels."""

import httpx

from tests.support.plain_http import NO_CERTIFICATES


async def opens(link: str) -> bool:
    """Whether there is an account behind it; it is then used."""
    async with httpx.AsyncClient(verify=NO_CERTIFICATES) as client:
        try:
            answer = await client.get(link)
        except httpx.RemoteProtocolError:
            return False  # how Remnawave says that there is none
    return answer.status_code == 200
