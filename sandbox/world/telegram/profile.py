"""The Bot API methods around the bot itself: who it is, its commands and descriptions."""

import re

from pydantic import JsonValue, TypeAdapter, ValidationError

from sandbox.world.telegram import chats
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request
from sandbox.world.telegram.models import BotCommand
from sandbox.world.telegram.views import bot_for_page, bot_user
from sandbox.world.world import World

_COMMANDS = TypeAdapter(list[BotCommand])
_COMMAND = re.compile(r"/?[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_WIDE_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}
_MAX_COMMANDS = 100
_MAX_COMMAND_DESCRIPTION = 256
_MAX_DESCRIPTION = 512
_MAX_SHORT_DESCRIPTION = 120


def get_me(world: World, _params: Params) -> JsonValue:
    return bot_user(world) | {
        "can_join_groups": True,
        "can_read_all_group_messages": world.state.knobs.privacy == "off",
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


def set_my_commands(world: World, params: Params) -> JsonValue:
    language, scope = _language(params), _scope(world, params)
    try:
        commands = _COMMANDS.validate_python(params.json("commands", "commands list"))
    except ValidationError:
        raise bad_request("can't parse BotCommand: expected an Array of BotCommand") from None
    if len(commands) > _MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command.command):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.description.strip()) <= _MAX_COMMAND_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        command.command = command.command.removeprefix("/")
    world.state.bot.commands.setdefault(scope, {})[language] = commands
    _show(world)
    return True


def delete_my_commands(world: World, params: Params) -> JsonValue:
    language, scope = _language(params), _scope(world, params)
    listed = world.state.bot.commands
    listed.get(scope, {}).pop(language, None)
    if not listed.get(scope):
        listed.pop(scope, None)
    _show(world)
    return True


def get_my_commands(world: World, params: Params) -> JsonValue:
    listed = world.state.bot.commands.get(_scope(world, params), {}).get(_language(params), [])
    return [command.model_dump() for command in listed]


def set_my_description(world: World, params: Params) -> JsonValue:
    description = params.text("description")
    if len(description) > _MAX_DESCRIPTION:
        raise bad_request("bot description is too long")
    world.state.bot.descriptions[_language(params)] = description
    _show(world)
    return True


def set_my_short_description(world: World, params: Params) -> JsonValue:
    description = params.text("short_description")
    if len(description) > _MAX_SHORT_DESCRIPTION:
        raise bad_request("bot short description is too long")
    world.state.bot.short_descriptions[_language(params)] = description
    _show(world)
    return True


def _language(params: Params) -> str:
    language = params.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("LANG_CODE_INVALID")
    return language


def _scope(world: World, params: Params) -> str:
    """As the key of its lists; a chat is looked up, and one that the bot never met is none."""
    scope = params.json("scope", "BotCommandScope")
    if scope is None:
        return "default"
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = scope.get("type")
    if kind in _WIDE_SCOPES:
        return str(kind)
    if kind not in _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    chat_id = chats.require_known_chat(world, Params({"chat_id": scope.get("chat_id")}))
    user = world.state.people.get(chat_id)
    if user is not None and not user.started:
        raise bad_request("chat not found")
    return ":".join([str(kind), str(chat_id), *map(str, filter(None, [scope.get("user_id")]))])


def _show(world: World) -> None:
    world.hub.publish("bot", bot=bot_for_page(world))
