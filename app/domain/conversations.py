"""A user's conversation with support."""

from enum import StrEnum
from typing import Final

TEXT_KIND: Final = "text"
# Notifications of what a user has written, for the topic of their conversation in a forum: it is
# found, or made, when they are sent.
TOPIC_QUESTION_TEMPLATE: Final = "topic-question"
TOPIC_QUESTION_COPY_TEMPLATE: Final = "topic-question-copy"
TOPIC_QUESTION_TEMPLATES: Final = (TOPIC_QUESTION_TEMPLATE, TOPIC_QUESTION_COPY_TEMPLATE)


class ConversationState(StrEnum):
    OPEN = "open"  # the user waits for an answer
    ANSWERED = "answered"
    CLOSED = "closed"  # what the user writes next is no part of it
