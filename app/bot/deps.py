"""What the bot needs of the rest of the service."""

from dataclasses import dataclass, field
from datetime import timedelta

from app.bot.chart_cache import ChartCache
from app.bot.i18n import KnownLanguages, Translator, load_translators
from app.bot.rate_limit import ProbeRateLimit
from app.core.fingerprints import Fingerprints
from app.core.rate_limit import RateLimit
from app.core.supervisor import TaskSupervisor
from app.db.unit_of_work import Database
from app.domain.broadcast_ports import MessageCopier
from app.domain.forum_ports import ForumTopics
from app.domain.ports import BotAccount, Channels, MessageSender, VpnPanel
from app.services.operations.shop_home import ShopStatus
from app.services.payments.methods import PaymentMethods
from app.services.payments.onchain.addresses import AddressBook
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.fees import FeeCache


@dataclass(frozen=True, slots=True)
class BotDeps:
    """Without a `panel`, plans are shown and buying says that it opens soon."""

    db: Database
    sender: MessageSender
    copier: MessageCopier
    payment_methods: PaymentMethods
    shop: ShopSettingsCache
    panel: VpnPanel | None
    channels: Channels
    owners: tuple[int, ...]
    supervisor: TaskSupervisor
    fingerprints: Fingerprints
    charts: ChartCache
    topics: ForumTopics
    languages: KnownLanguages = field(default_factory=KnownLanguages)
    account: BotAccount | None = None  # without it, pages show no link to the bot
    chains: Chains = field(default_factory=Chains)
    fees: FeeCache = field(default_factory=lambda: FeeCache(Chains()))
    status: ShopStatus = field(default_factory=ShopStatus)
    addresses: AddressBook | None = None  # without it there are no payments on chains
    admin_web_origin: str | None = None  # where the operator's web is; None: it is off
    renewal: bool = True  # whether the worker that renews from the balance runs
    probe_limit: ProbeRateLimit = field(default_factory=ProbeRateLimit)
    question_limit: RateLimit = field(default_factory=lambda: RateLimit(5, timedelta(minutes=10)))

    def translate(self, language: str) -> Translator:
        """With the shop's own texts and days, as its settings were read last."""
        t = load_translators().get(language).in_zone(self.shop.last_read.time_zone)
        return t.with_own(self.shop.get_own_texts(language))
