"""What Telegram refuses, in its own words, and what each of them means for us.

B is telegram-bot-api/Client.cpp of tdlib/telegram-bot-api at 01a3679c; T stands for td/telegram of
tdlib/td at 022d6020. Codes in capitals are the server's own: https://core.telegram.org/method
/messages.sendMessage and /messages.editMessage list them, and B:86 makes a 403 of them a 400.
"""

import pytest
from aiogram.methods import SendMessage

from app.clients.telegram.errors import (
    MessageGoneError,
    NotEditableError,
    NotModifiedError,
    TopicClosedError,
)
from app.domain.ports import (
    ChatMigratedError,
    ChatRestrictedError,
    PortError,
    RefusedError,
    UnreachableError,
)
from tests.clients.telegram.test_errors import EDIT, classified, said

GROUP = -1002200000001
TO_GROUP = SendMessage(chat_id=GROUP, text="hi")
TO_USER = SendMessage(chat_id=7, text="hi")

RESTRICTED = [
    ("not enough rights to send text messages to the chat", "T/MessageContent.cpp:6302"),
    ("not enough rights to send photos to the chat", "T/MessageContent.cpp:6259"),
    ("not enough rights", "T/DialogManager.cpp:2932"),
    ("have no rights to send a message", "the Bot API before 5.0"),
    ("have no write access to the chat", "T/DialogManager.cpp:1511"),
    ("need administrator rights in the channel chat", "T/DialogManager.cpp:1525"),
    ("CHAT_RESTRICTED", "the server itself"),
    ("CHAT_WRITE_FORBIDDEN", "the server itself"),
    ("CHAT_SEND_PLAIN_FORBIDDEN", "the server itself"),
    ("CHAT_SEND_PHOTOS_FORBIDDEN", "the server itself"),
    ("CHAT_GUEST_SEND_FORBIDDEN", "T/MessagesManager.cpp:28056"),
    ("CHAT_ADMIN_REQUIRED", "the server itself"),
    ("USER_BANNED_IN_CHANNEL", "the server itself"),
    ("ALLOW_PAYMENT_REQUIRED_5", "T/MessagesManager.cpp:28054"),
    ("group chat was upgraded to a supergroup chat", "B:8155, its parameters lost on the way"),
]
UNREACHABLE = [
    (403, "Forbidden: bot was kicked from the group chat", "B:8162"),
    (403, "Forbidden: bot was kicked from the supergroup chat", "B:8174"),
    (403, "Forbidden: bot is not a member of the group chat", "B:8165"),
    (403, "Forbidden: bot is not a member of the supergroup chat", "B:8183"),
    (403, "Forbidden: the group chat was deleted", "B:8158"),
    (400, "Bad Request: group chat was deactivated", "the Bot API before 5.0"),
    (400, "Bad Request: group is deactivated", "the Bot API before 5.0"),
    (400, "Bad Request: can't access the chat", "T/DialogManager.cpp:1370"),
    (400, "Bad Request: chat not found", "B:6596"),
    (400, "Bad Request: private chat not found", "B:8139"),
    (400, "Bad Request: PEER_ID_INVALID", "the server itself"),
    (400, "Bad Request: CHAT_ID_INVALID", "the server itself"),
    (400, "Bad Request: CHANNEL_PRIVATE", "the server itself"),
    (400, "Bad Request: CHANNEL_PUBLIC_GROUP_NA", "T/MessagesManager.cpp:27986"),
    (400, "Bad Request: USER_DELETED", "T/MessagesManager.cpp:27987"),
    (403, "Forbidden: bot was blocked by the user", "B:128"),
    (403, "Forbidden: user is deactivated", "B:124"),
    (403, "Forbidden: bot can't initiate conversation with a user", "T/MessagesManager.cpp:27957"),
    (403, "Forbidden: the bot can't send messages to the bot", "T/MessagesManager.cpp:27952"),
]
TOPIC_CLOSED = [
    ("TOPIC_CLOSED", "T/DraftMessageManager.cpp:119"),
    ("TOPIC_DELETED", "the server itself"),
    ("message thread not found", "B:8277"),
    ("Message thread not found", "B:6818"),
    ("unknown forum topic identifier specified", "T/ForumTopicManager.cpp:784"),
    ("invalid forum topic identifier specified", "T/ForumTopicManager.cpp:1273"),
]
GONE = [
    ("message to edit not found", "B:13541"),
    ("message not found", "T/MessagesManager.cpp:23383"),
    ("MESSAGE_ID_INVALID", "the server itself"),
    ("MSG_ID_INVALID", "T/MessagesManager.cpp:25552"),
]
NOT_EDITABLE = [
    ("message can't be edited", "T/MessagesManager.cpp:23386"),
    ("message media can't be edited", "T/MessagesManager.cpp:23624"),
    ("there is no text in the message to edit", "T/MessagesManager.cpp:23393"),
    ("there is no caption in the message to edit", "T/MessagesManager.cpp:23687"),
    ("there is no media in the message to edit", "the Bot API before 5.0"),
    ("MESSAGE_AUTHOR_REQUIRED", "the server itself"),
    ("MESSAGE_EDIT_TIME_EXPIRED", "the server itself"),
    ("MEDIA_PREV_INVALID", "the server itself"),
]
NOT_MODIFIED = [
    ("message is not modified: specified new message content and reply markup are …", "B:110"),
    ("MESSAGE_NOT_MODIFIED", "B:108"),
]
OURS = [
    ("can't parse entities: Unsupported start tag", "T/MessageEntity.cpp"),
    ("message text is empty", "B:11401"),
    ("message is too long", "T/MessagesManager.cpp:27943"),
    ("BUTTON_TYPE_INVALID", "the server itself"),
    ("CHAT_FORWARDS_RESTRICTED", "the server itself"),
]


@pytest.mark.parametrize("code", [400, 403])
@pytest.mark.parametrize(("words", "source"), RESTRICTED)
def test_a_refusal_for_lack_of_rights_is_a_groups_state(code: int, words: str, source: str) -> None:
    prefix = {400: "Bad Request", 403: "Forbidden"}[code]
    assert type(classified(said(code, f"{prefix}: {words}"), TO_GROUP)) is ChatRestrictedError, (
        source
    )
    # In a private chat only its user can be the reason.
    assert type(classified(said(code, f"{prefix}: {words}"), TO_USER)) is UnreachableError


@pytest.mark.parametrize(("code", "description", "source"), UNREACHABLE)
def test_a_chat_that_is_gone_or_shut_is_unreachable(
    code: int, description: str, source: str
) -> None:
    for method in (TO_GROUP, TO_USER):
        assert type(classified(said(code, description), method)) is UnreachableError, source


@pytest.mark.parametrize(
    ("words", "source", "kind"),
    [
        *((*row, TopicClosedError) for row in TOPIC_CLOSED),
        *((*row, MessageGoneError) for row in GONE),
        *((*row, NotEditableError) for row in NOT_EDITABLE),
        *((*row, NotModifiedError) for row in NOT_MODIFIED),
        *((*row, RefusedError) for row in OURS),
    ],
)
def test_a_refusal_becomes_its_port_error(words: str, source: str, kind: type[PortError]) -> None:
    method = EDIT if issubclass(kind, NotEditableError | NotModifiedError) else TO_GROUP
    assert type(classified(said(400, f"Bad Request: {words}"), method)) is kind, source


@pytest.mark.parametrize("method", [TO_GROUP, EDIT])
def test_a_migration_names_the_new_chat(method: SendMessage) -> None:
    """B:8155."""
    refused = said(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        migrate_to_chat_id=-1002200000009,
    )
    error = classified(refused, method)
    assert isinstance(error, ChatMigratedError)
    assert error.new_chat_id == -1002200000009
