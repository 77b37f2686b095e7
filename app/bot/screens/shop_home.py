"""The operator's home: the day in numbers, what needs a decision, and what is up or down."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from aiogram.filters.callback_data import CallbackData

from app.bot.bulk_callbacks import BulkPage
from app.bot.callbacks import ExportsPage, RpcPage
from app.bot.editing_callbacks import EditShopPage
from app.bot.group_callbacks import FeedsPage
from app.bot.i18n import Html, Translator
from app.bot.onchain_callbacks import OnchainPage
from app.bot.operator_callbacks import (
    AdminWebPage,
    AttentionPage,
    BroadcastsPage,
    CampaignsPage,
    ChartPage,
    HomePage,
    OpenAuditLog,
    QuestionsPage,
    StaffPage,
    UserSearchPage,
)
from app.bot.screens.buttons import callback_button
from app.bot.screens.incidents import describe_subject
from app.domain.incidents import IncidentFinding, IncidentKind
from app.domain.messages import Screen
from app.domain.operator_roles import OperatorRole, Permission, has_permission
from app.services.operations.shop_home import ShopHome, ShopStatus

# By what is needed for it: the pages that lead on.
_PAGES: Final = (
    ("home-attention", AttentionPage(), Permission.SETTLE_ATTENTION),
    ("home-to-questions", QuestionsPage(), Permission.ANSWER_QUESTIONS),
    ("user-search", UserSearchPage(), Permission.VIEW_USERS),
    ("home-charts", ChartPage(), Permission.VIEW_SALES),
    ("home-feeds", FeedsPage(), Permission.VIEW_SALES),
    ("home-broadcasts", BroadcastsPage(), Permission.BROADCAST),
    ("home-campaigns", CampaignsPage(), Permission.RUN_CAMPAIGNS),
    ("home-bulk", BulkPage(), Permission.RUN_BULK),
    ("home-exports", ExportsPage(), Permission.EXPORT_TABLES),
    ("home-chains", RpcPage(), Permission.VIEW_CHAINS),
    ("home-edit", EditShopPage(), Permission.EDIT_SHOP),
    ("home-audit", OpenAuditLog(), Permission.VIEW_AUDIT),
    ("home-staff", StaffPage(), Permission.APPOINT_STAFF),
    ("home-onchain", OnchainPage(), Permission.VIEW_SALES),
)


def shop_home_screen(
    t: Translator,
    home: ShopHome,
    status: ShopStatus,
    role: OperatorRole,
    *,
    hidden: Collection[type[CallbackData]] = (),
    is_under_maintenance: bool = False,
    has_web: bool = False,
) -> Screen:
    """`hidden`: pages of what is switched off."""
    parts = [
        *([t("home-maintenance")] if is_under_maintenance else []),
        "\n".join(_list_day(t, home, status, role)),
        "\n".join(_list_decisions(t, home)),
        "\n".join(_list_findings(t, status.findings)),
    ]
    pages = [
        callback_button(t.plain(key), page)
        for key, page, needed in _PAGES
        if has_permission(role, needed) and type(page) not in hidden
    ]
    rows = [pages[i : i + 2] for i in range(0, len(pages), 2)]
    web = [[callback_button(t.plain("home-web"), AdminWebPage())]] if has_web else []
    refresh = callback_button(t.plain("button-refresh"), HomePage())
    return Screen("\n\n".join([t("home"), *parts]), [*rows, *web, [refresh]])


def _list_day(
    t: Translator, home: ShopHome, status: ShopStatus, role: OperatorRole
) -> Iterator[Html]:
    if has_permission(role, Permission.VIEW_SALES):
        for one in home.today.sales:
            yield t("home-sales", count=one.count, total=t.price(one.total))
        if not home.today.sales:
            yield t("home-no-sales")
    yield t("home-new", users=home.today.new_users, trials=home.today.new_trials)
    if running := status.running:
        at = t.instant(running.counted_at)
        yield t("home-running", paid=running.paid, trials=running.trials, at=at)


def _list_decisions(t: Translator, home: ShopHome) -> Iterator[Html]:
    if home.open_questions:
        yield t("home-questions", count=home.open_questions)
    for template, count in sorted(home.open_items.items()):
        yield t("home-open-items", name=t.plain("attention-name", template=template), count=count)
    if not home.open_items and not home.open_questions:
        yield t("home-no-decisions")


def _list_findings(t: Translator, findings: Sequence[IncidentFinding]) -> Iterator[Html]:
    if not findings:
        yield t("home-not-looked")
        return
    down = [one for one in findings if one.error is not None]
    for one in down:
        title = t(f"incident-title-{one.kind}", **describe_subject(one.kind, one.subject))
        yield t("home-down", title=title)
    # Only what is asked outside; that all else is as it should be goes without saying.
    up = [_name(t, one) for one in findings if one.error is None and one.kind in _NAMED]
    yield t("home-up", names=", ".join([*up, "PostgreSQL"]))


_NAMED: Final = {
    IncidentKind.PANEL,
    IncidentKind.CRYPTOBOT,
    IncidentKind.CHAIN,
    IncidentKind.REDIS,
    IncidentKind.WEBHOOK,
}


def _name(t: Translator, finding: IncidentFinding) -> str:
    if finding.kind is IncidentKind.CHAIN:
        return finding.subject
    named = describe_subject(finding.kind, finding.subject)
    return t.plain(f"home-name-{finding.kind}", **named)
