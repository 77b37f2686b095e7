"""The button beside the input: of one private chat, or of all of them."""

from typing import Final

from pydantic import JsonValue

from sandbox.world.telegram import chats
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.keyboards import is_reachable_web_url
from sandbox.world.world import World

_EVERYBODY: Final = 0


def set_chat_menu_button(world: World, params: Params) -> JsonValue:
    place = _place(world, params)
    button = params.json("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: MenuButton has unsupported type")
    app = button.get("web_app")
    if button["type"] == "web_app" and not (
        isinstance(app, dict) and is_reachable_web_url(str(app.get("url")))
    ):
        raise bad_request("menu button Web App URL is invalid: Only HTTPS links are allowed")
    world.state.bot.menu_buttons[place] = button
    return True


def get_chat_menu_button(world: World, params: Params) -> JsonValue:
    known = world.state.bot.menu_buttons
    everybody = known.get(_EVERYBODY, {"type": "commands"})
    return known.get(_place(world, params), everybody)


def _place(world: World, params: Params) -> int:
    if not params.text("chat_id"):
        return _EVERYBODY
    chat_id = chats.require_known_chat(world, params)
    if chat_id < 0:
        raise bad_request("chat_id is not a private chat")
    return chat_id
