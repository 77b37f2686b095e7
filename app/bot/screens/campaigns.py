"""Campaign links as operators see them: all, and what one has brought."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import (
    CampaignPage,
    CampaignsPage,
    NewCampaign,
    SetCampaignArchived,
    WinBacksPage,
)
from app.bot.screens.buttons import callback_button, pagination_rows, to_home
from app.domain.messages import Button, Screen
from app.services.operations.campaign_admin import CampaignFunnel, CampaignVisits

_BAR_LENGTH: Final = 10


def campaigns_screen(
    t: Translator, campaigns: Sequence[CampaignVisits], number: int, *, more: bool
) -> Screen:
    listed = [
        [callback_button(_name(t, one), CampaignPage(campaign_id=one.campaign.id))]
        for one in campaigns
    ]
    pages = pagination_rows(t, number, lambda page: CampaignsPage(number=page), more=more)
    new = callback_button(t.plain("campaigns-new"), NewCampaign())
    text = t("campaigns") if campaigns or number else t("campaigns-none")
    win_backs = callback_button(t.plain("campaigns-to-win-backs"), WinBacksPage())
    return Screen(text, [[new, win_backs], *listed, *pages, [to_home(t)]])


def ask_for_campaign_code_screen(t: Translator) -> Screen:
    return Screen(t("campaign-ask"), [[_to_campaigns(t)]])


def campaign_screen(t: Translator, funnel: CampaignFunnel, link: str | None) -> Screen:
    """`link` is None while the bot's name is not known from Telegram."""
    campaign = funnel.visits.campaign
    is_archived = campaign.archived_at is not None
    head = [t("campaign", code=campaign.code, since=t.date(campaign.created_at))]
    head += [Html(f"<code>{escape(link)}</code>")] if link else []
    head += [t("campaign-is-archived")] if is_archived else []
    parts = ["\n".join(head), "\n".join(_list_steps(t, funnel)), "\n".join(_revenue(t, funnel))]
    toggle = callback_button(
        t.plain("campaign-reopen" if is_archived else "campaign-archive"),
        SetCampaignArchived(campaign_id=campaign.id, archived=not is_archived),
    )
    refresh = callback_button(t.plain("button-refresh"), CampaignPage(campaign_id=campaign.id))
    copy = [[Button(t.plain("campaign-copy"), copy=link)]] if link else []
    return Screen("\n\n".join(parts), [*copy, [refresh, toggle], [_to_campaigns(t)]])


def _name(t: Translator, visits: CampaignVisits) -> str:
    state = "archived" if visits.campaign.archived_at else "open"
    return t.plain("campaigns-one", state=state, code=visits.campaign.code, brought=visits.brought)


def _list_steps(t: Translator, funnel: CampaignFunnel) -> Iterator[Html]:
    """Each as a share of those it brought, who are what it was made for."""
    brought = funnel.visits.brought
    yield t("campaign-opened-count", count=funnel.visits.opened)
    for key, count in (("brought", brought), ("tried", funnel.tried), ("bought", funnel.bought)):
        percent = count * 100 // brought if brought else 0
        bar = _draw_bar(count, brought)
        yield t(f"campaign-{key}", bar=bar, count=count, percent=percent)


def _draw_bar(count: int, whole: int) -> str:
    filled = -(-count * _BAR_LENGTH // whole) if whole else 0
    return "▰" * filled + "▱" * (_BAR_LENGTH - filled)


def _revenue(t: Translator, funnel: CampaignFunnel) -> Iterator[Html]:
    for sum_ in funnel.revenue:
        yield t("campaign-revenue", amount=t.price(sum_))
    if not funnel.revenue:
        yield t("campaign-no-revenue")


def _to_campaigns(t: Translator) -> Button:
    return callback_button(t.plain("campaigns-back"), CampaignsPage())
