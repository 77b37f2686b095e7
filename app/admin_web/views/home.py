"""The first page: the day so far, what needs a decision, and what is down."""

from collections.abc import Iterator, Sequence
from typing import Final

from starlette.responses import Response

from app.admin_web.context import WebContext
from app.bot.i18n import Html, Translator
from app.bot.web.markup import element
from app.domain.incidents import IncidentFinding, IncidentKind
from app.domain.operator_roles import Permission
from app.services.operations.shop_home import ShopHome, load_shop_home

# What is asked outside; that all else is as it should be goes without saying.
_OUTSIDE: Final = {
    IncidentKind.PANEL,
    IncidentKind.CRYPTOBOT,
    IncidentKind.CHAIN,
    IncidentKind.REDIS,
    IncidentKind.WEBHOOK,
}


async def show_home(context: WebContext) -> Response:
    deps, t = context.deps, context.t
    home = await load_shop_home(deps.db, context.shop.time_zone, context.role)
    body = element(
        "div",
        element("section", *_day(context, home), class_="figures"),
        element(
            "section",
            element("h2", t.plain("web-home-decisions")),
            *_decisions(t, home),
            class_="card",
        ),
        element(
            "section",
            element("h2", t.plain("web-home-outside")),
            *_findings(t, deps.status.findings),
            class_="card",
        ),
        data_live=True,
    )
    return context.show(t.plain("web-home"), body)


def _day(context: WebContext, home: ShopHome) -> Iterator[Html]:
    t, today, running = context.t, home.today, context.deps.status.running
    if context.may(Permission.VIEW_SALES):
        count = sum(one.count for one in today.sales)
        total = " + ".join(t.price(one.total) for one in today.sales)
        yield figure(t.plain("web-home-sales"), str(count), total)
    yield figure(t.plain("web-home-users"), str(today.new_users))
    yield figure(t.plain("web-home-trials"), str(today.new_trials))
    if running:
        at = t.plain("web-home-counted", at=t.instant(running.counted_at))
        yield figure(t.plain("web-home-paid"), str(running.paid), at)
        yield figure(t.plain("web-home-on-trial"), str(running.trials))


def figure(label: str, number: str, note: str = "") -> Html:
    notes = [element("small", note)] if note else []
    return element("div", element("span", label), element("b", number), *notes, class_="figure")


def _decisions(t: Translator, home: ShopHome) -> Iterator[Html]:
    rows = [(t.plain("web-home-questions"), home.open_questions)] if home.open_questions else []
    rows += [
        (t.plain("attention-name", template=template), count)
        for template, count in sorted(home.open_items.items())
    ]
    if not rows:
        yield element("p", t.plain("home-no-decisions"))
        return
    lines = [element("li", name, element("b", str(count))) for name, count in rows]
    yield element("ul", *lines, class_="counts")
    yield element("p", t.plain("web-home-in-chat"), class_="quiet")


def _findings(t: Translator, findings: Sequence[IncidentFinding]) -> Iterator[Html]:
    if not findings:
        yield element("p", t.plain("web-home-not-looked"))
        return
    for one in findings:
        if one.error is not None:
            title = t(f"incident-title-{one.kind}", subject=one.subject)
            yield element("p", element("span", "●", class_="bad"), " ", title)
    names = [_name(t, one) for one in findings if one.error is None and one.kind in _OUTSIDE]
    up = t.plain("web-home-up", names=", ".join([*names, "PostgreSQL"]))
    yield element("p", element("span", "●", class_="good"), " ", up)


def _name(t: Translator, finding: IncidentFinding) -> str:
    is_chain = finding.kind is IncidentKind.CHAIN
    return finding.subject if is_chain else t.plain(f"home-name-{finding.kind}")
