"""Forums' topics as messages carry them, https://core.telegram.org/bots/api#message.

Every reply in a supergroup has a `message_thread_id`; it is a topic's only where
`is_topic_message` says so, and another one is refused as a thread that does not exist. What stands
in a topic without being a reply has the service message that made the topic as the one replied to.
"""

from aiogram.types import InaccessibleMessage, Message

from app.domain.messages import Lane, Screen
from app.domain.ports import MessageSender
from app.services.shop_settings import ShopSettingsCache


def get_topic_id(message: Message | InaccessibleMessage | None) -> int | None:
    """None in General, and wherever there are no topics."""
    if not isinstance(message, Message) or not message.is_topic_message:
        return None
    return message.message_thread_id


def get_replied_message(message: Message) -> Message | None:
    """What the sender replied to."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created else replied


async def is_in_support_forum(shop: ShopSettingsCache, message: Message) -> bool:
    """In a topic of the group where operators talk to users; asks nothing of other groups."""
    if get_topic_id(message) is None:
        return False
    return (await shop.settings()).support_forum == message.chat.id


async def send_to_same_topic(
    sender: MessageSender, message: Message | InaccessibleMessage, screen: Screen
) -> None:
    """In the message's chat and topic. Raises the sender's port errors."""
    await sender.send(message.chat.id, screen, lane=Lane.USER, thread_id=get_topic_id(message))
