"""What the operator's web needs of the rest of the service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.admin_web.chart_figures import ChartFigureCache
from app.admin_web.signing import WebSecret
from app.core.fingerprints import Fingerprints
from app.db.unit_of_work import Database
from app.domain.broadcast_ports import MessageCopier
from app.domain.ports import BotAccount, MessageSender, VpnPanel
from app.services.operations.shop_home import ShopStatus
from app.services.payments.methods import PaymentMethods
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains


@dataclass(frozen=True, slots=True)
class WorkerState:
    """Of this instance, as its board has it."""

    name: str
    outcome: StrEnum | None
    last_start_at: datetime
    last_end_at: datetime | None
    duration: timedelta | None
    failures: int  # in a row


@dataclass(frozen=True, slots=True)
class WebDeps:
    """`export_db` waits as long as a file takes; `db` no longer than somebody who has clicked."""

    db: Database
    export_db: Database
    shop: ShopSettingsCache
    status: ShopStatus
    charts: ChartFigureCache
    chains: Chains
    account: BotAccount
    sender: MessageSender
    copier: MessageCopier
    panel: VpnPanel | None
    payment_methods: PaymentMethods
    fingerprints: Fingerprints
    owners: tuple[int, ...]
    secret: WebSecret
    bot_token: str
    list_workers: Callable[[], Sequence[WorkerState]]
    version: str
