"""Looks at the service every second, for the page's live strip."""

import asyncio
import math

import httpx
from prometheus_client.parser import text_string_to_metric_families
from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.world import World

_INTERVAL_SECONDS = 1
_TIMEOUT = httpx.Timeout(3)
_MOST_METRICS = 400
_LEFT_OUT = ("_bucket", "_created")
_OTHERS = ("python_",)


async def watch_service(world: World) -> None:
    while True:
        if world.config.service_url:
            world.service = await _look(world, world.config.service_url)
            world.hub.publish("service", service=world.service)
        await asyncio.sleep(_INTERVAL_SECONDS)


async def _look(world: World, url: str) -> JsonObject:
    health = await _get(world, f"{url}/health")
    if health is None:
        return {"up": False, "url": url, "health": None, "metrics": {}}
    metrics = await _get(world, f"{url}/metrics")
    readable = metrics is not None and metrics.is_success
    return {
        "up": True,
        "url": url,
        "health": _json(health),
        "metrics": _numbers(metrics.text) if metrics is not None and readable else {},
    }


async def _get(world: World, url: str) -> httpx.Response | None:
    try:
        return await world.http.get(url, timeout=_TIMEOUT)
    except httpx.HTTPError:
        return None


def _json(answer: httpx.Response) -> JsonValue:
    try:
        body: JsonValue = answer.json()
    except ValueError:
        return None
    return body


def _numbers(text: str) -> JsonObject:
    """Samples by their name as Prometheus writes it, `name{label="value"}`; no buckets."""
    numbers: JsonObject = {}
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name.endswith(_LEFT_OUT) or sample.name.startswith(_OTHERS):
                    continue
                if math.isfinite(sample.value) and len(numbers) < _MOST_METRICS:
                    numbers[_name(sample.name, sample.labels)] = sample.value
    except ValueError:
        return numbers
    return numbers


def _name(name: str, labels: dict[str, str]) -> str:
    inner = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name
