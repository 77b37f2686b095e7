"""The doctor: everything green, then each thing broken once. The others are real servers."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import respx
from aiogram.types import WebhookInfo

from app.cli.doctor import run_doctor
from app.cli.doctor.chains import _judge_chain
from app.cli.doctor.findings import FindingLevel
from app.cli.doctor.storage import _judge_connections, _judge_version
from app.cli.doctor.telegram import _judge_webhook
from app.core import clock
from app.domain.chain_ports import Block, EndpointStatus
from app.domain.chains import ETHEREUM
from sandbox.world import WorldConfig, WorldServer, serve_world
from sandbox.world.server import close_server
from tests.support.plain_http import NO_CERTIFICATES

_TOKEN = "123456:AAbotTokenAAA"
_PAY_TOKEN = "4242:AApayTokenAAA"
_KEY = "panel-key-0123456789"
_NOWHERE = "127.0.0.1:1"
_CHECKS = [
    "settings",
    "bot token",
    "webhook",
    "operators",
    "webhook address",
    "webhook secret",
    "database",
    "connections",
    "migrations",
    "instance lock",
    "redis",
    "crypto pay",
    "vpn panel",
    "chain eth",
    "chain bsc",
    "metrics",
]


@dataclass(frozen=True)
class Row:
    mark: str
    text: str
    fix: str


@dataclass(frozen=True)
class Report:
    exit_code: int
    output: str

    @property
    def rows(self) -> dict[str, Row]:
        lines = self.output.partition("\n\n")[0].splitlines()
        width = max(map(len, _CHECKS))
        rows: dict[str, Row] = {}
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if line[0] != " ":
                _, arrow, fix = following.partition("→ ")
                fix = fix if following.startswith("  ") and arrow else ""
                rows[line[2 : 2 + width].strip()] = Row(line[0], line[4 + width :], fix)
        return rows

    @property
    def marks(self) -> dict[str, str]:
        """Of the rows that are not green."""
        return {check: row.mark for check, row in self.rows.items() if row.mark != "✓"}


async def _consult(environ: Mapping[str, str]) -> Report:
    out = io.StringIO()
    return Report(await run_doctor(environ, out), out.getvalue())


@asynccontextmanager
async def _server(answer: bytes) -> AsyncIterator[str]:
    """Take every connection and give that answer to everything; nothing when it is empty."""
    silence = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        else:
            await silence.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        silence.set()
        await close_server(server)


@pytest.fixture
async def world() -> AsyncIterator[WorldServer]:
    config = WorldConfig(bot_token=_TOKEN, cryptobot_token=_PAY_TOKEN, panel_key=_KEY)
    async with serve_world(config) as server:
        yield server


@pytest.fixture
async def service() -> AsyncIterator[str]:
    """Give the address of something that is alive, in the place of the service."""
    alive = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with _server(alive) as address:
        yield f"http://{address}"


@pytest.fixture
async def environ(
    world: WorldServer, service: str, database_url: str, redis_url: str
) -> dict[str, str]:
    """Give a deployment in which everything is in order."""
    webhook_url = f"{service}/telegram/webhook"
    async with httpx.AsyncClient(
        base_url=f"{world.url}/bot{_TOKEN}", verify=NO_CERTIFICATES
    ) as client:
        answer = await client.post("/setWebhook", json={"url": webhook_url})
        answer.raise_for_status()
    # Not by /start, which would be delivered to the address, and its end be sent to the webhook.
    world.world.state.people[1003].started = True
    return {
        "BOT_TOKEN": _TOKEN,
        "WEBHOOK_SECRET": "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3",
        "ADMIN_IDS": "1003",
        "WEBHOOK_URL": webhook_url,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "TELEGRAM_API_URL": world.url,
        "CRYPTOBOT_TOKEN": _PAY_TOKEN,
        "CRYPTOBOT_API_URL": f"{world.url}/cryptopay",
        "VPN_API_URL": f"{world.url}/panel",
        "VPN_API_KEY": _KEY,
        "ETH_RPC_URLS": f"{world.url}/chains/eth/1,{world.url}/chains/eth/2",
        "BSC_RPC_URLS": f"{world.url}/chains/bsc/1,{world.url}/chains/bsc/2",
        "TRON_RPC_URLS": "off",
    }


async def test_a_deployment_in_order_is_green(environ: dict[str, str]) -> None:
    report = await _consult(environ)

    assert (report.exit_code, report.marks) == (0, {})
    assert list(report.rows) == _CHECKS
    assert report.output.endswith("\nEverything a deployment needs is there.\n")
    assert report.rows["bot token"].text == "@tollgate_sandbox_bot"


@pytest.mark.parametrize(
    ("variable", "value", "check", "fix"),
    [
        ("BOT_TOKEN", "123456:another", "bot token", "BOT_TOKEN"),
        ("TELEGRAM_API_URL", f"http://{_NOWHERE}", "bot token", "TELEGRAM_API_URL"),
        ("WEBHOOK_URL", "https://shop.invalid/webhook", "webhook address", "WEBHOOK_URL"),
        ("DATABASE_URL", f"postgres://u:secret@{_NOWHERE}/shop", "database", "DATABASE_URL"),
        (
            "DATABASE_UNPOOLED_URL",
            f"postgres://u:secret@{_NOWHERE}/shop",
            "instance lock",
            "DATABASE_UNPOOLED_URL",
        ),
        ("REDIS_URL", f"redis://:secret@{_NOWHERE}", "redis", "REDIS_URL"),
        ("CRYPTOBOT_TOKEN", "4242:another", "crypto pay", "CRYPTOBOT_TOKEN"),
        ("CRYPTOBOT_API_URL", f"http://{_NOWHERE}", "crypto pay", "CRYPTOBOT_API_URL"),
        ("VPN_API_KEY", "another-key", "vpn panel", "VPN_API_KEY"),
        ("VPN_API_URL", f"http://{_NOWHERE}", "vpn panel", "VPN_API_URL"),
        ("ETH_RPC_URLS", f"http://{_NOWHERE}", "chain eth", "correct ETH_RPC_URLS"),
    ],
)
async def test_what_is_broken_is_named_with_its_fix(
    variable: str, value: str, check: str, fix: str, environ: dict[str, str]
) -> None:
    report = await _consult(environ | {variable: value})

    assert report.exit_code == 1
    assert [name for name, mark in report.marks.items() if mark == "✗"] == [check]
    assert fix in report.rows[check].fix
    assert report.output.endswith("\nNot ready: repair the lines marked with ✗.\n")


@pytest.mark.parametrize("version", ["2.7.4", "4.0.0"])
async def test_a_panel_of_another_version_is_one_sentence(
    environ: dict[str, str], world: WorldServer, version: str
) -> None:
    world.world.state.remnawave.version = version

    report = await _consult(
        environ | {"VPN_PANEL": "remnawave", "VPN_API_URL": f"{world.url}/remnawave"}
    )

    row = report.rows["vpn panel"]
    assert row.text.startswith(f"panel: Remnawave {version[:3]} is ")
    assert "2.8 up to, and without, 4.0" in row.text
    assert "orders wait" in row.fix


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"WEBHOOK_SECRET_PREVIOUS": "short"}, "webhook secret"),
        ({"REDIS_URL": ""}, "redis"),
        ({"CRYPTOBOT_TOKEN": ""}, "crypto pay"),
        ({"VPN_API_URL": ""}, "vpn panel"),
    ],
)
async def test_what_is_only_advisable_is_a_warning(
    changes: dict[str, str], check: str, environ: dict[str, str]
) -> None:
    report = await _consult(environ | changes)

    assert (report.exit_code, report.marks) == (0, {check: "!"})
    assert next(iter(changes)) in report.rows[check].fix


async def test_every_wrong_setting_is_a_row_and_nothing_else_is_tried() -> None:
    report = await _consult({"BOT_TOKEN": "leaked", "ADMIN_IDS": "1", "PORT": "leaked"})

    lines = [line.split()[2] for line in report.output.splitlines() if line.startswith("✗")]
    assert lines == ["DATABASE_URL", "BOT_TOKEN", "WEBHOOK_SECRET", "WEBHOOK_URL", "PORT"]
    assert report.exit_code == 1
    assert "leaked" not in report.output


async def test_a_service_that_was_not_started_yet_is_named(
    environ: dict[str, str], world: WorldServer, own_database_url: str
) -> None:
    async with httpx.AsyncClient(
        base_url=f"{world.url}/bot{_TOKEN}", verify=NO_CERTIFICATES
    ) as client:
        (await client.post("/deleteWebhook")).raise_for_status()
    fresh = {
        "WEBHOOK_URL": f"http://{_NOWHERE}/telegram/webhook",
        "DATABASE_URL": own_database_url,
    }

    report = await _consult(environ | fresh)

    assert report.marks == {"webhook": "!", "webhook address": "!", "migrations": "!"}
    assert report.exit_code == 0
    assert report.rows["webhook"].text.startswith("none set")
    assert report.rows["migrations"].text == "the database is empty"


@pytest.fixture
async def own_database_url(database_url: str) -> AsyncIterator[str]:
    """Give a database without tables."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP DATABASE IF EXISTS doctor_empty WITH (FORCE)")
    await connection.execute("CREATE DATABASE doctor_empty")
    yield urlsplit(database_url)._replace(path="/doctor_empty").geturl()
    await connection.execute("DROP DATABASE doctor_empty WITH (FORCE)")
    await connection.close()


async def test_a_database_of_another_version_is_named(
    environ: dict[str, str], fresh_database_url: str
) -> None:
    connection = await asyncpg.connect(fresh_database_url)
    await connection.execute("UPDATE alembic_version SET version_num = 'yesterday'")
    await connection.close()

    report = await _consult(environ | {"DATABASE_URL": fresh_database_url})

    assert (report.exit_code, report.marks) == (1, {"migrations": "✗"})
    assert report.rows["migrations"].text.startswith("at yesterday, this version wants ")


async def test_a_wrong_password_is_not_taken_for_a_server_that_is_away(
    environ: dict[str, str],
) -> None:
    redis = urlsplit(environ["REDIS_URL"])
    wrong = redis._replace(netloc=f":wrong-password@{redis.hostname}:{redis.port}").geturl()

    report = await _consult(environ | {"REDIS_URL": wrong})

    assert report.rows["redis"] == Row("✗", "the password was refused", "correct REDIS_URL")


async def test_silent_servers_end_every_check_and_not_the_doctor(environ: dict[str, str]) -> None:
    async with _server(b"") as silent:
        report = await _consult(
            environ
            | {
                "TELEGRAM_API_URL": f"http://{silent}",
                "DATABASE_URL": f"postgres://u:secret@{silent}/shop",
                "REDIS_URL": f"redis://:secret@{silent}",
                "CRYPTOBOT_API_URL": f"http://{silent}",
                "VPN_API_URL": f"http://{silent}",
                "WEBHOOK_URL": f"http://{silent}/telegram/webhook",
                "ETH_RPC_URLS": f"http://{silent}",
            }
        )

    assert report.marks == {
        "bot token": "✗",
        "webhook address": "!",
        "database": "✗",
        "redis": "✗",
        "crypto pay": "✗",
        "vpn panel": "✗",
        "chain eth": "✗",
    }
    assert report.exit_code == 1


async def test_a_server_that_speaks_nonsense_is_named(environ: dict[str, str]) -> None:
    html = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<h1>"
    async with _server(html) as address:
        report = await _consult(
            environ
            | {
                "TELEGRAM_API_URL": f"http://{address}",
                "CRYPTOBOT_API_URL": f"http://{address}",
                "VPN_API_URL": f"http://{address}",
                "BSC_RPC_URLS": f"http://{address}",
            }
        )

    broken = ["bot token", "crypto pay", "vpn panel", "chain bsc"]
    assert report.marks == dict.fromkeys(broken, "✗")


@pytest.mark.parametrize(
    ("here", "other"),
    [
        ("https://pay.crypt.bot", "https://testnet-pay.crypt.bot"),
        ("https://testnet-pay.crypt.bot", "https://pay.crypt.bot"),
    ],
)
async def test_a_token_of_the_other_network_is_recognised(
    here: str, other: str, environ: dict[str, str]
) -> None:
    refusal = {"ok": False, "error": {"code": 401, "name": "UNAUTHORIZED"}}
    with respx.mock as router:
        router.route(host="127.0.0.1").pass_through()
        router.post(f"{here}/api/getMe").respond(401, json=refusal)
        router.post(f"{other}/api/getMe").respond(json={"ok": True, "result": {"app_id": 1}})
        report = await _consult(environ | {"CRYPTOBOT_API_URL": here})

    assert report.marks == {"crypto pay": "✗"}
    assert report.rows["crypto pay"].fix.endswith(f"set CRYPTOBOT_API_URL={other}")


async def test_nothing_secret_is_printed_whatever_fails(environ: dict[str, str]) -> None:
    """P12."""
    addresses = {
        "DATABASE_URL": f"postgres://shop:db-password@{_NOWHERE}/shop",
        "REDIS_URL": f"redis://:redis-password@{_NOWHERE}",
        "VPN_API_URL": f"http://{_NOWHERE}/panel-path",
        "TELEGRAM_API_URL": f"http://{_NOWHERE}",
        "WEBHOOK_URL": f"http://webhook-user:webhook-password@{_NOWHERE}/webhook-path",
        "ETH_RPC_URLS": f"http://node-user:node-password@{_NOWHERE}/v3/node-path?key=node-query",
    }
    secrets = [_TOKEN, "AAbot", _PAY_TOKEN, "AApay", _KEY, environ["WEBHOOK_SECRET"], "panel-path"]
    secrets += ["db-password", "redis-password", "webhook-password", "webhook-path"]
    secrets += ["node-user", "node-password", "node-path", "node-query"]

    healthy, broken = await _consult(environ), await _consult(environ | addresses)

    for secret in secrets:
        assert secret not in healthy.output + broken.output


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("out", "extra", "first"),
    [
        (_Terminal(), {}, "\x1b[31m✗\x1b[0m settings  DATABASE_URL is missing"),
        (_Terminal(), {"NO_COLOR": "1"}, "✗ settings  DATABASE_URL is missing"),
        (io.StringIO(), {}, "✗ settings  DATABASE_URL is missing"),
    ],
)
async def test_colours_are_for_terminals(
    out: io.StringIO, extra: dict[str, str], first: str
) -> None:
    await run_doctor({"PORT": "x"} | extra, out)

    assert out.getvalue().splitlines()[0] == first


@pytest.mark.parametrize(
    ("changes", "level", "text"),
    [
        ({}, FindingLevel.OK, "set, 3 updates waiting"),
        ({"url": ""}, FindingLevel.WARNING, "none set"),
        ({"url": "https://other.example/x"}, FindingLevel.WARNING, "another address"),
        ({"allowed_updates": ["message"]}, FindingLevel.WARNING, "not tell of callback_query"),
        ({"pending_update_count": 5000}, FindingLevel.WARNING, "5000 updates waiting"),
        ({"last_error_date": timedelta(minutes=1)}, FindingLevel.WARNING, "Connection refused"),
        ({"last_error_date": timedelta(days=1)}, FindingLevel.OK, "set, 3"),
    ],
)
def test_what_telegram_says_of_the_webhook_is_judged(
    changes: dict[str, object], level: FindingLevel, text: str
) -> None:
    """An old failure is no failure: Telegram does not clear it when things go well again."""
    wanted = "https://shop.example/telegram/webhook"
    told: dict[str, object] = {
        "url": wanted,
        "pending_update_count": 3,
        "has_custom_certificate": False,
        "last_error_message": "Connection refused",
    } | changes
    age = told.get("last_error_date")
    if isinstance(age, timedelta):
        told["last_error_date"] = clock.now() - age

    finding = _judge_webhook(WebhookInfo.model_validate(told), wanted)

    assert finding.level is level
    assert text in finding.text
    assert "other.example" not in finding.text


@pytest.mark.parametrize(
    ("version", "level"), [(13, FindingLevel.FAILURE), (14, FindingLevel.OK), (18, FindingLevel.OK)]
)
def test_an_old_postgresql_is_refused(version: int, level: FindingLevel) -> None:
    assert _judge_version(version).level is level


async def test_each_chain_says_how_many_endpoints_answer_and_how_old_its_head_is(
    environ: dict[str, str],
) -> None:
    rows = (await _consult(environ)).rows

    for check in ("chain eth", "chain bsc"):
        assert re.fullmatch(r"2 of 2 endpoints in order, block \d+ is \d+ s old", rows[check].text)


async def _spoil(world: WorldServer, key: str, endpoint: int, state: str) -> None:
    async with httpx.AsyncClient(base_url=world.url, verify=NO_CERTIFICATES) as client:
        path = f"/world/chains/{key}/endpoints/{endpoint}"
        (await client.patch(path, json={"state": state})).raise_for_status()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("wrong_chain", "chain id 97 where 56 is meant"),
        ("rate_limited", "429"),
        ("html", ""),
        ("down", ""),
    ],
)
async def test_an_endpoint_that_is_of_no_use_is_named_beside_the_good_one(
    state: str, said: str, environ: dict[str, str], world: WorldServer
) -> None:
    await _spoil(world, "bsc", 2, state)

    report = await _consult(environ)

    row = report.rows["chain bsc"]
    assert (report.exit_code, report.marks) == (0, {"chain bsc": "!"})
    assert row.text.startswith("1 of 2 endpoints in order, block ")
    assert f"; {urlsplit(world.url).hostname}#2: " in row.text
    assert said in row.text
    assert row.fix == "correct BSC_RPC_URLS"


async def test_a_chain_whose_endpoints_are_all_of_another_one_is_not_ready(
    environ: dict[str, str],
) -> None:
    swapped = {"ETH_RPC_URLS": environ["BSC_RPC_URLS"]}

    report = await _consult(environ | swapped)

    assert (report.exit_code, report.marks) == (1, {"chain eth": "✗"})
    assert report.rows["chain eth"].text.count("chain id 56 where 1 is meant") == 2


@pytest.mark.parametrize(
    ("changes", "marks", "fix"),
    [
        ({"ETH_RPC_URLS": "off"}, {}, ""),
        ({"ETH_RPC_URLS": "off", "BSC_RPC_URLS": "off"}, {"chains": "!"}, "ETH_RPC_URLS"),
        ({"ETH_RPC_URLS": "/eth/1"}, {"chain eth": "!"}, "add a second one to ETH_RPC_URLS"),
        ({"CELLFRAME_RPC_URLS": "/cf"}, {"chain cf": "!"}, "a second one to CELLFRAME_RPC_URLS"),
    ],
)
async def test_a_chain_that_is_off_is_no_row_and_one_endpoint_alone_is_a_hint(
    changes: dict[str, str],
    marks: dict[str, str],
    fix: str,
    environ: dict[str, str],
    world: WorldServer,
) -> None:
    placed = {
        name: value if value == "off" else f"{world.url}/chains{value}"
        for name, value in changes.items()
    }

    report = await _consult(environ | placed)

    assert (report.exit_code, report.marks) == (0, marks)
    assert not marks or fix in report.rows[next(iter(marks))].fix
    assert ("chain eth" in report.rows) is (changes.get("ETH_RPC_URLS") != "off")


async def test_a_further_chain_is_checked_by_its_name(
    environ: dict[str, str], world: WorldServer
) -> None:
    further = {
        "key": "polygon",
        "title": "Polygon",
        "coin": "POL",
        "chain_id": 137,
        "block_seconds": 2,
        "final_count": 256,
        "final_seconds": 5,
        "tx_url": "https://polygonscan.com/tx/{hash}",
        "rpc_urls": [f"{world.url}/chains/eth/1"],
    }

    report = await _consult(environ | {"EVM_CHAINS": json.dumps([further])})

    row = report.rows["chain polygon"]
    assert (row.mark, row.fix) == ("✗", "correct EVM_CHAINS, or take polygon out of it")
    assert "chain id 1 where 137 is meant" in row.text


async def test_operators_who_have_not_pressed_start_are_named(
    environ: dict[str, str], world: WorldServer
) -> None:
    """One who never came, one who blocked the bot, and one whom Telegram does not know."""
    blocked = world.world.state.people[1002]
    blocked.started = blocked.bot_blocked = True
    reached = await _consult(environ)
    deaf = await _consult(environ | {"ADMIN_IDS": "1001,1002,1003,777"})

    assert reached.rows["operators"] == Row("✓", "the bot may write to each", "")
    row = deaf.rows["operators"]
    assert (deaf.exit_code, row.mark) == (0, "!")
    assert row.text == "the bot may not write to 1001, 1002, 777"
    assert "press Start" in row.fix


@pytest.mark.parametrize(
    ("allowed", "level", "fix"),
    [
        (97, FindingLevel.OK, ""),
        (86, FindingLevel.OK, ""),
        (85, FindingLevel.WARNING, "set DB_POOL_MAX_SIZE=39, or raise"),
        (43, FindingLevel.WARNING, "set DB_POOL_MAX_SIZE=18, or raise"),
        (42, FindingLevel.FAILURE, "set DB_POOL_MAX_SIZE=18, or raise"),
        (20, FindingLevel.FAILURE, "raise PostgreSQL's max_connections"),
    ],
)
def test_two_instances_must_fit_the_servers_connections(
    allowed: int, level: FindingLevel, fix: str
) -> None:
    finding = _judge_connections(allowed, 43)

    assert (finding.level, finding.fix.startswith(fix)) == (level, True)
    assert finding.text == f"43 for one instance, 86 during a hand-over, {allowed} allowed"


async def test_the_servers_own_limit_is_asked(environ: dict[str, str]) -> None:
    connection = await asyncpg.connect(environ["DATABASE_URL"])
    most = int(await connection.fetchval("SHOW max_connections"))
    await connection.close()

    row = (await _consult(environ | {"DB_POOL_MAX_SIZE": "10"})).rows["connections"]
    large = (await _consult(environ | {"DB_POOL_MAX_SIZE": "500"})).rows["connections"]

    assert row == Row("✓", f"13 for one instance, 26 during a hand-over, {most - 3} allowed", "")
    assert large.mark == "✗"


@pytest.mark.parametrize(
    ("age", "is_public", "level", "fix"),
    [
        (timedelta(seconds=20), False, FindingLevel.OK, ""),
        (timedelta(seconds=-5), False, FindingLevel.OK, ""),
        (timedelta(minutes=5), False, FindingLevel.WARNING, "keep up"),
        (timedelta(seconds=20), True, FindingLevel.WARNING, "public ones refuse sooner"),
    ],
)
def test_an_old_head_and_public_endpoints_are_reported(
    age: timedelta,
    is_public: bool,  # noqa: FBT001 - a case
    level: FindingLevel,
    fix: str,
) -> None:
    head = Block(7, "0x7", "0x6", clock.now() - age, ())
    endpoints = [EndpointStatus(name, 7, 0, 20, 0, 40, "ok") for name in ("a.example", "b.example")]

    finding = _judge_chain(ETHEREUM, endpoints, head, is_public=is_public)

    assert finding.level is level
    assert "-" not in finding.text
    assert fix in finding.fix


def test_an_endpoint_that_lags_is_reported() -> None:
    ahead = EndpointStatus("a.example", 100, 0, 20, 0, 40, "ok")
    behind = EndpointStatus("b.example", 7, 93, 20, 0, 40, "lagging")
    head = Block(100, "0x7", "0x6", clock.now(), ())

    finding = _judge_chain(ETHEREUM, [ahead, behind], head, is_public=False)

    assert finding.level is FindingLevel.WARNING
    assert finding.text.endswith("; b.example: lags behind")
