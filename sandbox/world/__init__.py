"""The sandbox's world: Telegram, Crypto Pay and a VPN panel behind their real protocols."""

from sandbox.world.app import create_world
from sandbox.world.config import WorldConfig
from sandbox.world.server import WorldServer, serve_world
from sandbox.world.state import SnapshotError
from sandbox.world.world import World

__all__ = [
    "SnapshotError",
    "World",
    "WorldConfig",
    "WorldServer",
    "create_world",
    "serve_world",
]
