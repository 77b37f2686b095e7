"""Pages of 3x-ui's clients by x3ui, whose models are made of the panel's own OpenAPI document."""

# ruff: noqa: ANN401 - what it has is untyped here
import json
import sys
from importlib import import_module
from typing import Any

x3ui: Any = import_module("x3ui")  # in an environment of its own
listing: Any = import_module("x3ui._generated.api.clients.get_panel_api_clients_list_paged")


def _show(part: Any) -> dict[str, Any]:
    """`beyond`: what the document does not know."""
    return {**part.to_dict(), "beyond": sorted(part.additional_keys)}


def _see(panel: Any, page: int) -> dict[str, Any]:
    answer = listing.sync(
        client=panel.raw,
        page=page,
        page_size=2,
        search="",
        filter_="",
        protocol="",
        sort="",
        order="",
    )
    found = answer.obj
    return {
        **_show(found),
        "success": answer.success,
        "items": [{**_show(one), "traffic": _show(one.traffic)} for one in found.items],
        "summary": _show(found.summary),
    }


url, token = sys.argv[1:]
with x3ui.Panel(url, token=token) as panel:
    for number in range(1, 4):
        panel.clients.add(
            f"u1001_{number}", [1], total_gb=93, expires=1_900_000_000_000, limit_ip=3
        )
    print(json.dumps([_see(panel, page) for page in (1, 2, 3)]))  # noqa: T201
