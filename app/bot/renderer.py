"""Turns rows of the outbox into screens: the port through which services speak in the chat."""

from collections.abc import Callable, Mapping
from typing import Final

from app.bot.i18n import load_translators
from app.bot.screens.admission import ADMISSION_NOTIFICATIONS
from app.bot.screens.attention import ATTENTION_NOTIFICATIONS, add_attention_button
from app.bot.screens.balance import BALANCE_NOTIFICATIONS
from app.bot.screens.broadcast_changes import BROADCAST_CHANGE_NOTIFICATIONS
from app.bot.screens.broadcasts import BROADCAST_NOTIFICATIONS
from app.bot.screens.bulk_jobs import BULK_NOTIFICATIONS
from app.bot.screens.channels import CHANNEL_NOTIFICATIONS
from app.bot.screens.daily_digest import DIGEST_NOTIFICATIONS
from app.bot.screens.exports import EXPORT_NOTIFICATIONS
from app.bot.screens.extras import EXTRA_NOTIFICATIONS
from app.bot.screens.feeds import FEED_NOTIFICATIONS
from app.bot.screens.friends import FRIENDS_NOTIFICATIONS
from app.bot.screens.gifts import GIFT_NOTIFICATIONS
from app.bot.screens.incidents import INCIDENT_NOTIFICATIONS
from app.bot.screens.maintenance import MAINTENANCE_NOTIFICATIONS
from app.bot.screens.new_link import NEW_LINK_NOTIFICATIONS
from app.bot.screens.notifications import ORDER_NOTIFICATIONS
from app.bot.screens.onchain.addresses import ONCHAIN_ADDRESS_NOTIFICATIONS
from app.bot.screens.onchain.payments import ONCHAIN_PAYMENT_NOTIFICATIONS
from app.bot.screens.operator import OPERATOR_NOTIFICATIONS
from app.bot.screens.questions import QUESTION_NOTIFICATIONS
from app.bot.screens.refunds import REFUND_NOTIFICATIONS
from app.bot.screens.renewals import RENEWAL_NOTIFICATIONS
from app.bot.screens.staff import STAFF_NOTIFICATIONS
from app.bot.screens.support import SUPPORT_NOTIFICATIONS
from app.bot.screens.support_forum import FORUM_NOTIFICATIONS
from app.bot.screens.tracking.addresses import ADDRESS_NOTIFICATIONS
from app.bot.screens.tracking.bridge import BRIDGE_NOTIFICATIONS
from app.bot.screens.tracking.notifications import TRACKING_NOTIFICATIONS
from app.bot.screens.traffic import TRAFFIC_NOTIFICATIONS
from app.bot.screens.trial import TRIAL_NOTIFICATIONS
from app.bot.screens.win_backs import WIN_BACK_NOTIFICATIONS
from app.domain.messages import Screen
from app.domain.renewals import RenewalOutlook

NOTIFICATION_RENDERERS: Final = (
    ORDER_NOTIFICATIONS
    | ADMISSION_NOTIFICATIONS
    | BALANCE_NOTIFICATIONS
    | FEED_NOTIFICATIONS
    | FRIENDS_NOTIFICATIONS
    | GIFT_NOTIFICATIONS
    | EXTRA_NOTIFICATIONS
    | NEW_LINK_NOTIFICATIONS
    | RENEWAL_NOTIFICATIONS
    | TRIAL_NOTIFICATIONS
    | TRAFFIC_NOTIFICATIONS
    | OPERATOR_NOTIFICATIONS
    | QUESTION_NOTIFICATIONS
    | SUPPORT_NOTIFICATIONS
    | FORUM_NOTIFICATIONS
    | INCIDENT_NOTIFICATIONS
    | MAINTENANCE_NOTIFICATIONS
    | CHANNEL_NOTIFICATIONS
    | ATTENTION_NOTIFICATIONS
    | REFUND_NOTIFICATIONS
    | EXPORT_NOTIFICATIONS
    | STAFF_NOTIFICATIONS
    | ONCHAIN_ADDRESS_NOTIFICATIONS
    | DIGEST_NOTIFICATIONS
    | BROADCAST_NOTIFICATIONS
    | BROADCAST_CHANGE_NOTIFICATIONS
    | WIN_BACK_NOTIFICATIONS
    | BULK_NOTIFICATIONS
    | ONCHAIN_PAYMENT_NOTIFICATIONS
    | TRACKING_NOTIFICATIONS
    | ADDRESS_NOTIFICATIONS
    | BRIDGE_NOTIFICATIONS
)


_ABOUT_RENEWAL: Final = frozenset({"renewal-short", "renewal-changed"})


class ScreenRenderer:
    """A MessageRenderer. Raises LookupError for an unknown template or a missing value.

    `renewal`: whether the worker runs that renews; `keys`: whether the one does that issues them. A
    notification can be older than the switch (P14). `zone`: whose days its dates are.
    `own_texts`: of the shop, by language.
    """

    def __init__(
        self,
        *,
        renewal: bool = True,
        keys: bool = True,
        zone: Callable[[], str] = lambda: "UTC",
        own_texts: Callable[[str], Mapping[str, str]] = lambda _: {},
    ) -> None:
        self._renewal = renewal
        self._keys = keys
        self._zone = zone
        self._own_texts = own_texts

    def render(self, template: str, values: Mapping[str, object], language: str) -> Screen:
        if not self._renewal and (values.get("outlook") or template in _ABOUT_RENEWAL):
            values = {**values, "outlook": RenewalOutlook.PAUSED}
        if not self._keys:
            values = {**values, "keys": False}
        t = load_translators().get(language).in_zone(self._zone())
        t = t.with_own(self._own_texts(language))
        screen = NOTIFICATION_RENDERERS[template](t, values)
        return add_attention_button(t, screen, values)
