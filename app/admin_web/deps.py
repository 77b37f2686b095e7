"""What the operator's web needs of the rest of the service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.admin_web.signing import WebSecret
from app.db.unit_of_work import Database
from app.domain.ports import BotAccount
from app.services.operations.shop_home import ShopStatus
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.chains import Chains


@dataclass(frozen=True, slots=True)
class WebDeps:
    """`describe_workers` and `version`: as /health shows them to operators."""

    db: Database
    shop: ShopSettingsCache
    status: ShopStatus
    chains: Chains
    account: BotAccount
    owners: tuple[int, ...]
    secret: WebSecret
    bot_token: str
    describe_workers: Callable[[], Mapping[str, object]]
    version: str
