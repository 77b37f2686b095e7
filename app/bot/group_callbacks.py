"""What the buttons carry that operators have in their groups: feeds, and support in a forum."""

from aiogram.filters.callback_data import CallbackData

from app.bot.callbacks import PageCallback, RowId
from app.bot.operator_callbacks import OfUser
from app.domain.feeds import FeedKind


class FeedsPage(PageCallback, prefix="feeds"):
    """What groups are notified of."""


class SwitchFeed(CallbackData, prefix="feed"):
    """In the group, for the chat and the topic that the button stands in."""

    kind: FeedKind
    on: bool


class SwitchFeedOff(CallbackData, prefix="feedoff"):
    kind: FeedKind


class LeaveSupportForum(CallbackData, prefix="forumoff"):
    """In the group."""


class TopicAnswers(OfUser, prefix="topicquick"):
    """Quick answers, in the user's topic."""


class SendTopicAnswer(OfUser, prefix="topicsend"):
    answer_id: RowId


class CloseTopic(OfUser, prefix="topicclose"):
    """The conversation that it is the topic of."""
