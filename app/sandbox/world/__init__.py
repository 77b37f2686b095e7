"""The sandbox's world: Telegram, Crypto Pay and a VPN panel behind their real protocols."""

import app.aiogram_models  # noqa: F401 - before anything that imports aiogram
from app.sandbox.world.app import create_world
from app.sandbox.world.config import WorldConfig
from app.sandbox.world.server import WorldServer, serve_world
from app.sandbox.world.state import SnapshotError
from app.sandbox.world.world import World

__all__ = [
    "SnapshotError",
    "World",
    "WorldConfig",
    "WorldServer",
    "create_world",
    "serve_world",
]
