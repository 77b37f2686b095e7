"""What the bot needs of the rest of the service."""

from dataclasses import dataclass, field
from datetime import timedelta

from app.bot.budget import Budget
from app.bot.languages import KnownLanguages
from app.bot.probe_budget import ProbeBudget
from app.core.fingerprints import Fingerprints
from app.core.supervisor import TaskSupervisor
from app.db.unit_of_work import Database
from app.domain.ports import BotAccount, Channels, MessageSender, VpnPanel
from app.services.payments.methods import PaymentWays
from app.services.shop_settings import Shop
from app.services.tracking.chains import Chains
from app.services.tracking.wallet.fees import FeeDesk


@dataclass(frozen=True, slots=True)
class BotDeps:
    """Without a `panel`, plans are shown and buying says that it opens soon."""

    db: Database
    sender: MessageSender
    ways: PaymentWays
    shop: Shop
    panel: VpnPanel | None
    channels: Channels
    operators: tuple[int, ...]
    supervisor: TaskSupervisor
    fingerprints: Fingerprints
    languages: KnownLanguages = field(default_factory=KnownLanguages)
    account: BotAccount | None = None  # without it, pages tell no link to the bot
    chains: Chains = field(default_factory=Chains)
    fees: FeeDesk = field(default_factory=lambda: FeeDesk(Chains()))
    renewal: bool = True  # whether the worker that renews from the balance runs
    probes: ProbeBudget = field(default_factory=ProbeBudget)
    questions: Budget = field(default_factory=lambda: Budget(5, timedelta(minutes=10)))
