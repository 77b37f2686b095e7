"""What the buttons carry by which operators edit the shop."""

from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import AfterValidator, Field, StringConstraints

from app.bot.callbacks import PageCallback, PageNumber, RowId
from app.bot.i18n import LANGUAGES
from app.domain.extras import ExtraKind
from app.domain.pages import PageText
from app.domain.panels import PanelState
from app.domain.promo_codes import PromoKind
from app.domain.setting_kinds import SettingsSection
from app.domain.shop_settings import ShopSettings
from app.services.operations.plan_edits import PlanField


def _require_setting(name: str) -> str:
    if name not in ShopSettings.model_fields:
        raise ValueError(f"there is no setting {name}")
    return name


def _require_language(code: str) -> str:
    if code not in LANGUAGES:
        raise ValueError(f"there is no language {code}")
    return code


Language = Annotated[str, AfterValidator(_require_language)]
SettingName = Annotated[str, AfterValidator(_require_setting)]


class EditShopPage(PageCallback, prefix="edit"):
    """All that can be edited."""


class SettingsPage(PageCallback, prefix="settings"):
    section: SettingsSection


class SettingPage(PageCallback, prefix="setting"):
    """Asks for the new value."""

    name: SettingName


class ChooseSetting(CallbackData, prefix="setto"):
    """A value that a button has room for: what it would change is shown first."""

    name: SettingName
    value: str


class EmptySetting(CallbackData, prefix="setnone"):
    name: SettingName


class ResetSetting(CallbackData, prefix="setreset"):
    """The default back."""

    name: SettingName


class ApplyChange(CallbackData, prefix="apply"):
    """The change that waits in the dialogue, as the preview with that token showed it."""

    token: Annotated[str, Field(max_length=16)]


class ApplySetting(ApplyChange, prefix="setdo"):
    pass


PlanCode = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,32}$")]
Months = Annotated[int, Field(ge=1, le=60)]


class PlansEditPage(PageCallback, prefix="eplans"):
    """All plans, those that are off sale as well."""


class OfPlan(CallbackData, prefix="ofplan"):
    code: PlanCode


class PlanEditPage(OfPlan, prefix="eplan"):
    pass


class MovePlan(OfPlan, prefix="eplanmv"):
    up: bool


class TermEditPage(OfPlan, prefix="eterm"):
    months: Months


class PlanFieldPage(OfPlan, prefix="efield"):
    """Asks for the new value; of the plan, or of one of its terms."""

    field: PlanField
    months: Months | None = None


class ChoosePlanField(PlanFieldPage, prefix="efieldto"):
    """A value that need not be typed; nothing in it takes it away."""

    value: str = ""


class ApplyPlanEdit(ApplyChange, prefix="eplando"):
    pass


class NewPlanPage(CallbackData, prefix="enewplan"):
    """Asks for its names."""


class CreatePlan(ApplyChange, prefix="emkplan"):
    pass


class NewTermPage(OfPlan, prefix="enewterm"):
    """Asks for months and price."""


class CreateTerm(ApplyChange, prefix="emkterm"):
    pass


class PagesEditPage(PageCallback, prefix="epages"):
    """The bot's own pages, in one language; without one, in the operator's."""

    language: Language | None = None


class PageTextPage(CallbackData, prefix="epage"):
    """Asks for the text."""

    name: PageText
    language: Language


class ResetPageText(PageTextPage, prefix="epageback"):
    """The standard text back."""


class ApplyPageText(ApplyChange, prefix="epagedo"):
    pass


class RemovePicture(PageTextPage, prefix="enopic"):
    pass


class FaqEditPage(CallbackData, prefix="efaq"):
    language: Language


class FaqPicturePage(CallbackData, prefix="efaqpic"):
    """Asks for the picture."""

    language: Language


class RemoveFaqPicture(CallbackData, prefix="efaqnopic"):
    language: Language


class NewFaqEntry(CallbackData, prefix="efaqnew"):
    """Asks for question and answer."""

    language: Language


class OfFaqEntry(CallbackData, prefix="offaq"):
    entry_id: RowId


class FaqEntryEditPage(OfFaqEntry, prefix="efaqone"):
    pass


class ChangeFaqEntry(OfFaqEntry, prefix="efaqchange"):
    """Asks for question and answer anew."""


class MoveFaqEntryUp(OfFaqEntry, prefix="efaqup"):
    pass


class DeleteFaqEntry(OfFaqEntry, prefix="efaqdrop"):
    pass


class ApplyFaqEntry(ApplyChange, prefix="efaqdo"):
    pass


class PromoCodesEditPage(PageCallback, prefix="epromos"):
    """The newest first, with what came of them."""

    number: PageNumber = 0


class OfPromoCode(CallbackData, prefix="ofpromo"):
    code_id: RowId


class PromoCodeEditPage(OfPromoCode, prefix="epromo"):
    pass


class PromoCodeEndPage(OfPromoCode, prefix="epromoend"):
    """Asks whether it is meant."""


class EndPromoCode(OfPromoCode, prefix="epromoover"):
    pass


class NewPromoCodePage(CallbackData, prefix="epromonew"):
    """Asks for the kind."""


class PromoValuePage(CallbackData, prefix="epromoval"):
    """Asks for percents, days or money."""

    kind: PromoKind


class PromoOption(StrEnum):
    CODE = "code"
    USES = "uses"
    PER_USER = "each"
    DAYS = "days"  # until it ends
    PLAN = "plan"


class SetPromoOption(ApplyChange, prefix="epromoset"):
    """Of the code that is being made; without a value, it is asked for."""

    option: PromoOption
    value: str = ""


class MakePromoCode(ApplyChange, prefix="epromodo"):
    pass


PanelName = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,32}$")]


class PanelsEditPage(PageCallback, prefix="epanels"):
    """All panels, with what runs on each."""


class OfPanel(CallbackData, prefix="ofpanel"):
    name: PanelName


class PanelEditPage(OfPanel, prefix="epanel"):
    pass


class PanelStatePage(OfPanel, prefix="epanelst"):
    """Says what it means, and asks whether it is meant."""

    state: PanelState


class SetPanelState(PanelStatePage, prefix="epanelset"):
    pass


class PanelField(StrEnum):
    CAPACITY = "capacity"
    GROUP = "group"


class PanelFieldPage(OfPanel, prefix="epanelf"):
    """Asks for the new value."""

    field: PanelField


class ApplyPanel(ApplyChange, prefix="epaneldo"):
    pass


class ExtrasEditPage(PageCallback, prefix="eextras"):
    """What is sold beside the plans."""


class OfExtra(CallbackData, prefix="ofextra"):
    kind: ExtraKind
    amount: Annotated[int, Field(ge=1, le=100_000)]
    code: PlanCode | None = None  # of its plan; None: of the whole shop


class ExtraEditPage(OfExtra, prefix="eextra"):
    """Asks for the new price."""


class ToggleExtra(OfExtra, prefix="eextrasale"):
    """Says what it means to put it on or off sale, and asks."""


class NewExtraPage(CallbackData, prefix="eextranew"):
    """Asks for amount and price."""

    kind: ExtraKind


class ApplyExtra(ApplyChange, prefix="eextrado"):
    pass
