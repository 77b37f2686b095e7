"""What the bot needs of the rest of the service."""

from dataclasses import dataclass, field

from app.bot.languages import KnownLanguages
from app.core.supervisor import TaskSupervisor
from app.db.unit_of_work import Database
from app.domain.ports import MessageSender, PaymentProvider, VpnPanel


@dataclass(frozen=True, slots=True)
class BotDeps:
    """Without `provider` or `panel`, plans are shown and buying says that it opens soon."""

    db: Database
    sender: MessageSender
    provider: PaymentProvider | None
    panel: VpnPanel | None
    operators: tuple[int, ...]
    supervisor: TaskSupervisor
    languages: KnownLanguages = field(default_factory=KnownLanguages)
