"""What of a group reaches the bot: privacy mode lets through only what is meant for it."""

from sandbox.world.telegram.models import Entity, Group, Message
from sandbox.world.world import World


def is_heard(world: World, group: Group, message: Message) -> bool:
    """Commands, mentions of the bot and answers to it, or all where privacy mode is off."""
    if not group.has_bot:
        return False
    if world.state.knobs.privacy == "off":
        return True
    replied = world.state.chats[group.id].get(message.reply_to_message_id or 0)
    if replied is not None and replied.from_bot:
        return True
    first_word, name = message.body.text.split()[0], f"@{world.state.bot.username}".lower()
    if first_word.startswith("/") and "@" not in first_word:
        return True
    return any(_names(message, entity, name) for entity in message.body.entities)


def _names(message: Message, entity: Entity, name: str) -> bool:
    units = message.body.text.encode("utf-16-le")[entity.offset * 2 : entity.end * 2]
    word = units.decode("utf-16-le").lower()
    return word == name or (entity.type == "bot_command" and word.endswith(name))
