"""What docker-compose.yml and the Dockerfile promise; they are read, as no engine runs here."""

import re
from typing import Any

import pytest
import yaml

from app.core.settings import Settings
from tests.architecture.source import ROOT

_COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
_SERVICES: dict[str, dict[str, Any]] = _COMPOSE["services"]
_DOCKERFILE = (ROOT / "Dockerfile").read_text()
_DIGEST = r"[a-z/]+:[0-9]+(\.[0-9]+)+(-[a-z]+)?@sha256:[0-9a-f]{64}"


def _environment(service: str) -> dict[str, str]:
    environment: dict[str, str] = _SERVICES[service]["environment"]
    return environment


def test_what_runs_is_named() -> None:
    assert sorted(_SERVICES) == ["caddy", "postgres", "redis", "tollgate"]


@pytest.mark.parametrize("name", sorted(_SERVICES))
def test_each_container_can_do_no_more_than_it_must(name: str) -> None:
    """P12: what breaks in finds no tool, no capability and nowhere to write."""
    service = _SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[0-9]+[mg]", service["mem_limit"])
    assert service["pids_limit"] > 0
    assert "tmp" in [place.strip("/") for place in service["tmpfs"]]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "caddy" else [])
    assert "privileged" not in service


@pytest.mark.parametrize("name", ["caddy", "postgres", "redis"])
def test_each_image_is_the_same_one_everywhere(name: str) -> None:
    assert re.fullmatch(_DIGEST, _SERVICES[name]["image"])


def test_the_image_of_ours_is_made_of_pinned_ones_and_runs_without_root() -> None:
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", _DOCKERFILE, re.MULTILINE)
    names = {name for _, name in stages if name}
    outside = [image for image, _ in stages if image not in names]
    assert len(outside) == 1
    assert re.fullmatch(_DIGEST, outside[0])
    last = _DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)$", last, re.MULTILINE) == ["tollgate"]
    assert "postgres" not in _SERVICES["tollgate"].get("user", "")


def test_pg_dump_in_the_image_is_as_new_as_the_server() -> None:
    """An older one would refuse to back it up."""
    (server,) = re.findall(r"^postgres:([0-9]+)\.", _SERVICES["postgres"]["image"])
    last = _DOCKERFILE.rpartition("\nFROM ")[2]
    assert f"pginstall{server}/bin:$PATH" in last
    assert f"pginstall{server}/bin/pg_dump" in _DOCKERFILE
    assert f"pginstall{server}/bin/pg_restore" in _DOCKERFILE


def test_only_the_proxy_is_reached_from_outside() -> None:
    published = {name for name, service in _SERVICES.items() if "ports" in service}
    assert published == {"caddy"}
    assert sorted(_SERVICES["caddy"]["ports"]) == ["443:443", "443:443/udp", "80:80"]
    assert _COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert _SERVICES[name]["networks"] == ["inside"]
    port = _environment("tollgate")["PORT"]
    caddyfile = (ROOT / "Caddyfile").read_text()
    assert f"reverse_proxy tollgate:{port} " in caddyfile
    assert "{$DOMAIN} {" in caddyfile


def test_both_stores_want_a_password_that_is_no_argument() -> None:
    """P12: arguments can be read by every process, and by who lists containers."""
    assert "requirepass $$REDIS_PASSWORD" in _SERVICES["redis"]["command"][-1]
    assert "redis-server - <<CONF" in _SERVICES["redis"]["command"][-1]
    assert "REDISCLI_AUTH=$$REDIS_PASSWORD" in _SERVICES["redis"]["healthcheck"]["test"][1]
    assert _environment("tollgate")["REDIS_URL"].startswith("redis://:${REDIS_PASSWORD:?")
    assert "${POSTGRES_PASSWORD:?" in _environment("tollgate")["DATABASE_URL"]


def test_every_variable_of_the_compose_file_is_in_the_example_to_be_filled_in() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    wanted = set(re.findall(r"(?<!\$)\$\{([A-Z_]+):\?", text))
    assert wanted == {"DOMAIN", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert not re.findall(r"(?<!\$)\$[A-Z]", text), "each says that it is missing"
    example = (ROOT / ".env.example").read_text()
    assert {name for name in wanted if f"\n{name}=\n" in example} == wanted


def test_the_service_is_ended_after_its_own_grace() -> None:
    grace = Settings.model_fields["shutdown_grace_seconds"].default
    assert _SERVICES["tollgate"]["stop_grace_period"] == "30s"
    assert grace == 20


def test_what_the_dockerfile_copies_reaches_it() -> None:
    """.dockerignore lets through only what it lists."""
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = [
        word
        for line in re.findall(r"^COPY (?!--)(.+)$", _DOCKERFILE, re.MULTILINE)
        for word in line.split()[:-1]
    ]
    assert set(copied) == let_through
