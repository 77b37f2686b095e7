"""How a server that tests start ends."""

import asyncio
import gc
import socket
import warnings

from sandbox.world.server import close_server


async def test_a_server_that_closes_while_somebody_connects_leaves_no_socket_open() -> None:
    """Whatever the loop has come to: the connection is accepted, made, or its protocol told."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    ports = []
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for steps in range(8):
            server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
            address = server.sockets[0].getsockname()
            ports.append(str(address[1]))
            with socket.socket() as client:
                client.settimeout(0)
                client.connect_ex(address)
                for _ in range(steps):
                    await asyncio.sleep(0)
                await close_server(server)
        del server
        gc.collect()

    left = [str(warning.message) for warning in said]
    assert [text for text in left if any(port in text for port in ports)] == []
