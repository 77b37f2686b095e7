"""The port attacked over real sockets, while Telegram's webhook is answered at once."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox.embedded import ValkeyServer
from tests.conftest import RunServers, clone_database
from tests.support.instance import Instance, ended_after
from tests.support.service_under_test import open_service_under_test
from tests.support.shop import WEBHOOK_SECRET
from tests.support.stopwatch import Stopwatch
from tests.support.zygote import Zygote

MIB = 1024 * 1024
AT_ONCE_SECONDS = 4  # attacker and service share the machine's cores with whatever else runs
UPDATE_IDS = itertools.count(800_000_000)
ROUTES = ["/telegram/webhook", "/webhooks/cryptobot", "/health", "/metrics", "/nowhere"]


class Client:
    """A stranger with a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> bool:
        """False when nobody takes it any more."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            return False
        return not self._writer.is_closing()

    async def answer(self, within: float = 30) -> bytes:
        """All that comes until the other side closes. Raises TimeoutError."""
        said = bytearray()
        async with asyncio.timeout(within):
            with suppress(OSError):
                while chunk := await self._reader.read(65536):
                    said += chunk
        return bytes(said)

    async def hears(self, last: bytes) -> bytes:
        """All until these come. Raises TimeoutError."""
        async with asyncio.timeout(30):
            return await self._reader.readuntil(last)

    def is_over(self) -> bool:
        return self._reader.at_eof()

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def connected(instance: Instance, count: int = 1) -> AsyncIterator[list[Client]]:
    address = urlsplit(instance.url)
    clients = []
    try:
        for _ in range(count):
            client = Client(*await asyncio.open_connection(address.hostname, address.port))
            clients.append(client)
        yield clients
    finally:
        for client in clients:
            client.close()


async def telegram_posts(instance: Instance) -> float:
    """An update that Telegram posts over a new connection; seconds until its 200."""
    update_id = next(UPDATE_IDS)
    message = {
        "message_id": update_id,
        "date": 0,
        "chat": {"id": -77, "type": "supergroup", "title": "Talk"},
        "from": {"id": 77, "is_bot": False, "first_name": "T"},
        "text": "not for the bot",
    }
    watch = Stopwatch()
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        answer = await http.post(
            f"{instance.url}/telegram/webhook",
            json={"update_id": update_id, "message": message},
            headers={"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET},
        )
    assert answer.status_code == 200
    return watch.seconds


@pytest.fixture(scope="module")
async def instance(
    run_servers: RunServers,
    template: str,
    zygote: Zygote,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Instance]:
    folder = tmp_path_factory.mktemp("edge")
    valkey = ValkeyServer(folder / "valkey", durable=False)
    valkey.start()
    async with (
        clone_database(run_servers, template) as database_url,
        open_service_under_test(database_url, valkey.url, folder) as sut,
    ):
        instance = sut.instance("service", zygote.fork)
        sut.router.target = instance.url
        async with ended_after(instance):
            instance.start()
            await instance.wait_role("active")
            yield instance
    valkey.stop()


@pytest.fixture
async def unharmed(instance: Instance) -> AsyncIterator[None]:
    """After the attack it has grown little, and answers."""
    await telegram_posts(instance)
    before = instance.memory_bytes
    yield
    grown = instance.memory_bytes - before
    assert await telegram_posts(instance) < AT_ONCE_SECONDS
    assert grown < 60 * MIB


pytestmark = pytest.mark.usefixtures("unharmed")


def head(path: str = "/health", *lines: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def status(answer: bytes) -> int:
    """0 when there was none: a reset may overtake it."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


async def pour(client: Client, piece: bytes, most: int) -> int:
    """As much as is taken."""
    poured = 0
    while poured < most and await client.send(piece):
        poured += len(piece)
    return poured


ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "one header": (b"GET /health HTTP/1.1\r\nHost: x\r\nX: ", b"a" * 65536),
    "small headers": (b"GET /health HTTP/1.1\r\nHost: x\r\n", b"a: b\r\n" * 10_000),
    "an address": (b"GET /", b"a" * 65536),
    "empty lines": (b"", b"\r\n" * 32768),
    "a method": (b"", b"A" * 65536),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_an_endless_head_is_cut_off(instance: Instance, name: str) -> None:
    """P12: forty connections, none of which is listened to for long."""
    first, piece = ENDLESS[name]
    async with connected(instance, 40) as clients:

        async def attack(client: Client) -> int:
            await client.send(first)
            return await pour(client, piece, 40 * MIB)

        attacks = [asyncio.create_task(attack(client)) for client in clients]
        assert await telegram_posts(instance) < AT_ONCE_SECONDS
        poured = await asyncio.gather(*attacks)
        answers = await asyncio.gather(*(client.answer() for client in clients))
    assert {status(answer) for answer in answers} <= {0, 400, 414, 431}
    assert max(poured) < 8 * MIB  # what the kernels' buffers took


async def test_a_giant_header_in_one_piece_is_refused(instance: Instance) -> None:
    """P12."""
    async with connected(instance) as [client]:
        await client.send(head("/health", f"X: {'a' * 20_000}"))
        assert status(await client.answer()) == 431


async def test_too_many_headers_are_refused(instance: Instance) -> None:
    async with connected(instance) as [client]:
        await client.send(head("/health", *[f"a{n}: b" for n in range(150)]))
        assert status(await client.answer()) == 431


async def test_what_proxies_add_passes(instance: Instance) -> None:
    lines = [f"X-Forwarded-{n}: {'a' * 200}" for n in range(40)]
    async with connected(instance) as [client]:
        await client.send(head("/health/live", *lines, "Connection: close"))
        assert status(await client.answer()) == 200


async def test_slow_heads_end_after_five_seconds_however_busy_they_look(
    instance: Instance,
) -> None:
    """P12: a byte now and then keeps nothing open."""
    async with connected(instance, 50) as clients:
        started, watch = time.monotonic(), Stopwatch()
        for client in clients:
            await client.send(b"GET /health HTTP/1.1\r\nX: ")

        async def trickle(client: Client) -> int:
            while await client.send(b"a"):
                await asyncio.sleep(0.5)
                if client.is_over():
                    break
            return status(await client.answer())

        trickles = [asyncio.create_task(trickle(client)) for client in clients]
        assert await telegram_posts(instance) < AT_ONCE_SECONDS
        answers = await asyncio.gather(*trickles)
    assert time.monotonic() - started > 4
    assert watch.seconds < 15
    assert set(answers) <= {0, 408}


async def test_a_body_that_does_not_come_is_waited_for_ten_seconds_at_most(
    instance: Instance,
) -> None:
    """P12."""
    secret = f"X-Telegram-Bot-Api-Secret-Token: {WEBHOOK_SECRET}"
    async with connected(instance, len(ROUTES)) as clients:
        for client, path in zip(clients, ROUTES, strict=True):
            await client.send(head(path, secret, "Content-Length: 100", method="POST") + b"{")
        waiting = [asyncio.create_task(client.answer(within=20)) for client in clients]
        assert await telegram_posts(instance) < AT_ONCE_SECONDS
        statuses = [status(answer) for answer in await asyncio.gather(*waiting)]
    assert statuses == [408, 408, 405, 405, 404]


@pytest.mark.parametrize("path", ROUTES)
async def test_an_endless_body_is_cut_off(instance: Instance, path: str) -> None:
    """P12: chunk for chunk, on every route."""
    secret = f"X-Telegram-Bot-Api-Secret-Token: {WEBHOOK_SECRET}"
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    async with connected(instance, 10) as clients:

        async def attack(client: Client) -> int:
            await client.send(head(path, secret, "Transfer-Encoding: chunked", method="POST"))
            return await pour(client, chunk, 40 * MIB)

        attacks = [asyncio.create_task(attack(client)) for client in clients]
        assert await telegram_posts(instance) < AT_ONCE_SECONDS
        assert max(await asyncio.gather(*attacks)) < 10 * MIB


async def test_a_body_in_tiny_chunks_is_cut_off(instance: Instance) -> None:
    """P12: what a chunk wraps counts too."""
    secret = f"X-Telegram-Bot-Api-Secret-Token: {WEBHOOK_SECRET}"
    extension = "e" * 1000
    chunks = f"1;{extension}\r\na\r\n".encode() * 50
    async with connected(instance) as [client]:
        line = "Transfer-Encoding: chunked"
        await client.send(head("/telegram/webhook", secret, line, method="POST"))
        assert await pour(client, chunks, 40 * MIB) < 8 * MIB


async def test_two_thousand_silent_connections_keep_nobody_out(instance: Instance) -> None:
    """P8, P12: the longest silent one makes room for a new one."""
    async with connected(instance, 2000) as clients:
        assert await telegram_posts(instance) < AT_ONCE_SECONDS
        # Two fifths at most are left, and these end by themselves.
        done, _ = await asyncio.wait(
            [asyncio.create_task(client.answer(within=25)) for client in clients],
        )
        assert {task.result() for task in done} == {b""}


async def test_a_kept_connection_that_says_nothing_sensible_ends(instance: Instance) -> None:
    """P12: an empty line is no request, and stops no clock for good."""
    async with connected(instance) as [client]:
        await client.send(head("/health/live"))
        assert status(await client.hears(b"ok")) == 200
        await client.send(b"\r\n")
        assert await client.answer(within=20) == b""


async def test_a_thousand_requests_at_once_on_one_connection(instance: Instance) -> None:
    """P12: a few may follow unasked; who sends a thousand is sent away."""
    async with connected(instance) as [client]:
        await client.send(head("/health/live") * 5)
        await client.send(head("/health/live", "Connection: close"))
        assert (await client.answer()).count(b"HTTP/1.1 200") == 6
    async with connected(instance, 20) as clients:

        async def attack(client: Client) -> bytes:
            await client.send(head("/health") * 1000)
            return await client.answer()

        attacks = [asyncio.create_task(attack(client)) for client in clients]
        assert await telegram_posts(instance) < AT_ONCE_SECONDS
        for answer in await asyncio.gather(*attacks):
            assert answer.count(b"HTTP/1.1 ") <= 20


SMUGGLED: dict[str, bytes] = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5\r\n\r\naaaaa",
    "a list of lengths": b"Content-Length: 4, 4\r\n\r\naaaa",
    "a signed length": b"Content-Length: +4\r\n\r\naaaa",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "chunked not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Content-Length : 4\r\n\r\naaaa",
    "a folded line": b"X: a\r\n Content-Length: 4\r\n\r\n",
    "a bad chunk": b"Transfer-Encoding: chunked\r\n\r\nzz\r\naaaa\r\n0\r\n\r\n",
    "a chunk of too many bytes": b"Transfer-Encoding: chunked\r\n\r\n2\r\naaaa\r\n0\r\n\r\n",
    "a giant chunk size": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\na\r\n",
    "a trailer": b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Late: a\r\n\r\n",
    "a null": b"X: a\x00b\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
async def test_what_two_servers_could_read_differently_is_refused(
    instance: Instance, name: str
) -> None:
    """P12: and what follows it on the connection is not read."""
    secret = f"X-Telegram-Bot-Api-Secret-Token: {WEBHOOK_SECRET}\r\n".encode()
    request = b"POST /telegram/webhook HTTP/1.1\r\nHost: x\r\n" + secret + SMUGGLED[name]
    async with connected(instance) as [client]:
        await client.send(request + head("/health/live", "Connection: close"))
        answer = await client.answer()
    assert status(answer) in {0, 400}
    assert answer.count(b"HTTP/1.1 ") <= 1


async def test_an_upgrade_is_not_taken_up(instance: Instance) -> None:
    async with connected(instance) as [client]:
        await client.send(head("/health/live", "Upgrade: websocket", "Connection: Upgrade, close"))
        assert status(await client.answer()) in {200, 400}


async def test_who_does_not_read_is_not_waited_for(instance: Instance) -> None:
    """P12: a page asked for again and again by somebody who takes none of it."""
    async with connected(instance, 5) as clients:
        for client in clients:
            await client.send(head("/metrics") * 10)
        assert await telegram_posts(instance) < AT_ONCE_SECONDS
