"""What the operator decides at the command line, until the bot has a menu for it."""

from app.cli.command import run_command
from app.cli.settings import run_shop_command

__all__ = ["run_command", "run_shop_command"]
