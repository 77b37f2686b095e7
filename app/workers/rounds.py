"""One round of each worker that makes more than one call, or remembers something of the last."""

import time
from datetime import timedelta
from typing import Final

from app.core.round_counts import MORE_DUE, NEXT_IN_MS, Counts
from app.db.size import measure_database
from app.db.unit_of_work import Database
from app.domain.messages import Lane
from app.domain.panel_ports import PanelChoice
from app.domain.ports import MessageRenderer, MessageSender, VpnPanel
from app.services.access.activation import get_time_to_next_attempt, provision_due_subscriptions
from app.services.access.expiry import (
    EXPIRY_BATCH,
    deprovision_ended_subscriptions,
    end_expired_subscriptions,
    notify_paid_time_over,
)
from app.services.access.extras import EXTRAS_BATCH, end_extra_devices
from app.services.access.panel_work import PANEL_BATCH, PanelLane, select_lane
from app.services.access.placement import measure_panels
from app.services.access.reminders import remind_users
from app.services.notifications.claiming import ChatRotation
from app.services.notifications.outbox import (
    DeliveryPorts,
    deliver_due_notifications,
    measure_outbox,
)
from app.services.notifications.support import CLOSED_AT_ONCE, close_answered_conversations
from app.services.operations.broadcasts.progress import ProgressDisplay
from app.services.operations.broadcasts.sending import BroadcastPorts
from app.services.operations.broadcasts.working import run_broadcasts
from app.services.operations.bulk.working import BulkDisplay, run_bulk_jobs
from app.services.operations.daily_digest import DailyDigest
from app.services.operations.database_alert import DatabaseAlert
from app.services.operations.incidents import IncidentMonitor
from app.services.operations.maintenance import remind_of_maintenance
from app.services.operations.onchain_addresses import check_addresses
from app.services.operations.shop_home import ShopStatus, count_running_subscriptions
from app.services.payments.onchain.addresses import AddressBook
from app.services.promotions.trials import notify_trial_steps
from app.services.retention.cleanup import run_retention
from app.services.shop_settings import ShopSettingsCache
from app.services.tracking.cards.drawing import draw_due_cards
from app.services.tracking.cards.endings import end_awaited_watches
from app.services.tracking.chains import Chains
from app.services.tracking.overview import measure_watches
from app.services.tracking.wallet.bridge_matching import match_due_bridges
from app.workers.loop import Round

_MEASURING_SHARE: Final = 100


def create_outbox_round(
    db: Database, ports: DeliveryPorts, shop: ShopSettingsCache, lane: Lane
) -> Round:
    """Each goes on with the chats where the last one stopped."""
    rotation = ChatRotation()

    async def send() -> Counts:
        await shop.settings()  # fresh for the renderer, which can't wait for them
        return await deliver_due_notifications(db, ports, lane, rotation)

    return send


def create_broadcast_round(db: Database, ports: BroadcastPorts, shop: ShopSettingsCache) -> Round:
    """Each knows what the last ones have shown."""
    display = ProgressDisplay()

    async def send() -> Counts:
        await shop.settings()  # fresh for the renderer, which can't wait for them
        return await run_broadcasts(db, ports, display)

    return send


def create_digest_round(db: Database, shop: ShopSettingsCache, status: ShopStatus) -> Round:
    """What operators are sent by the clock, once a minute at the most."""
    digest = DailyDigest(db, shop, status)

    async def send() -> Counts:
        return {**await digest.run_round(), **await remind_of_maintenance(db, shop)}

    return send


async def work_in_bulk(
    db: Database, panel: VpnPanel, shop: ShopSettingsCache, display: BulkDisplay
) -> Counts:
    await shop.settings()  # fresh for the renderer, which can't wait for them
    return await run_bulk_jobs(db, panel, display)


def create_measuring_round(db: Database, status: ShopStatus) -> Round:
    """Rows are counted, and the more there are the longer it rests: a hundredth of the time."""
    rests_until = 0.0

    async def measure() -> Counts:
        nonlocal rests_until
        started = time.monotonic()
        if started < rests_until:
            return {}
        async with db.read_only() as session:
            await measure_outbox(session)
            await measure_watches(session)
            await measure_database(session)
            status.running = await count_running_subscriptions(session)
        await measure_panels(db)
        rests_until = started + (time.monotonic() - started) * _MEASURING_SHARE
        return {}

    return measure


def create_incident_round(
    monitor: IncidentMonitor,
    alert: DatabaseAlert,
    status: ShopStatus,
    interval: timedelta,
    *,
    is_time_moved: bool,
) -> Round:
    """Where the sandbox moves time, a gap is no absence."""

    async def look() -> Counts:
        if not is_time_moved and not await alert.try_to_write(interval):
            return {"failing": 1}
        counts = await monitor.run_round()
        status.findings = monitor.findings
        return counts

    return look


async def send_reminders(db: Database, shop: ShopSettingsCache) -> Counts:
    return await remind_users(db, await shop.settings())


async def run_cleanup(
    db: Database,
    shop: ShopSettingsCache,
    addresses: AddressBook | None = None,
    chains: Chains | None = None,
) -> Counts:
    """`addresses`: where there are payments on chains."""
    if addresses is not None and chains is not None:
        await check_addresses(db, addresses, chains)
    silent_for = (await shop.settings()).close_answered
    closed = await close_answered_conversations(db, silent_for)
    result = await run_retention(db)
    more = result.is_unfinished or closed == CLOSED_AT_ONCE
    return {"conversations_closed": closed, **result.removed, MORE_DUE: int(more)}


async def provision_subscriptions(
    db: Database, panel: VpnPanel, lane: PanelLane = PanelLane.ANSWERING
) -> Counts:
    if lane is PanelLane.AWAY and not (isinstance(panel, PanelChoice) and panel.away_ids):
        return {}
    counts = await provision_due_subscriptions(db, panel, lane)
    if counts["claimed"] == PANEL_BATCH:
        return {**counts, MORE_DUE: 1}
    next_in = await get_time_to_next_attempt(db, select_lane(panel, lane))
    if next_in is None:
        return counts
    return {**counts, NEXT_IN_MS: next_in // timedelta(milliseconds=1)}


async def end_subscriptions(db: Database, panel: VpnPanel) -> Counts:
    ended = await end_expired_subscriptions(db)
    in_grace = await notify_paid_time_over(db)
    extras = await end_extra_devices(db)
    counts = await deprovision_ended_subscriptions(db, panel)
    is_full = counts["removed"] + counts["failed"] >= PANEL_BATCH
    more = EXPIRY_BATCH in {ended, in_grace} or extras == EXTRAS_BATCH or is_full
    ends = {"ended": ended, "in_grace": in_grace, "extras": extras}
    return {**ends, **counts, MORE_DUE: int(more)}


async def accompany_trials(db: Database, panel: VpnPanel, shop: ShopSettingsCache) -> Counts:
    counts = await notify_trial_steps(db, panel, await shop.settings())
    return {**counts, MORE_DUE: counts["left"]}


async def update_cards(
    db: Database,
    chains: Chains,
    sender: MessageSender,
    renderer: MessageRenderer,
    shop: ShopSettingsCache,
) -> Counts:
    async with db.unit_of_work() as session:
        lost = await end_awaited_watches(session)
    counts = await draw_due_cards(db, chains, sender, renderer, await shop.settings())
    return {**counts, "lost": lost}


async def match_bridges(db: Database, chains: Chains, shop: ShopSettingsCache) -> Counts:
    return await match_due_bridges(db, chains, await shop.settings())
