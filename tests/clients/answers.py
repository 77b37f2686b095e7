"""What a server answers, or how a request to it fails."""

import httpx
import respx


def respond_with(route: respx.Route, how: httpx.Response | Exception) -> respx.Route:
    """A new response each time: the one given may be read only once."""
    return (
        route.respond(how.status_code, headers=how.headers, content=how.content)
        if isinstance(how, httpx.Response)
        else route.mock(side_effect=how)
    )
