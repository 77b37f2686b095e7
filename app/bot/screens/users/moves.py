"""Where a user's subscription moves to: the panels, the question, and how far it is."""

from app.bot.i18n import Html, Translator
from app.bot.operator_callbacks import ChosenTargetPage, MoveSubscription, MoveTargetsPage
from app.bot.screens.buttons import callback_button
from app.bot.screens.users.actions import to_its_card, user_name_link
from app.db.models import User
from app.domain.messages import Button, Screen
from app.domain.panels import PanelPlace
from app.services.operations.move_choices import MoveChoice


def nothing_to_move_screen(t: Translator, user: User) -> Screen:
    text = t("user-move-nothing", person=user_name_link(user))
    return Screen(text, [[to_its_card(t, user.id)]])


def move_targets_screen(
    t: Translator, user: User, subscription_id: int, choice: MoveChoice
) -> Screen:
    """The same page says how far a move is."""
    here = t(
        "user-move-here",
        person=user_name_link(user),
        number=str(subscription_id),
        panel=choice.panel,
    )
    can_move = choice.moves_to is None and not choice.is_busy
    targets = choice.targets if can_move else []
    buttons = [[_to_target(t, user.id, subscription_id, one)] for one in targets]
    refresh = MoveTargetsPage(user_id=user.id, subscription_id=subscription_id)
    last = [to_its_card(t, user.id)]
    if not targets:
        last.insert(0, callback_button(t.plain("user-move-refresh"), refresh))
    return Screen(Html(f"{here}\n\n{_say_state(t, choice)}"), [*buttons, last])


def confirm_move_screen(
    t: Translator, user: User, subscription_id: int, source: str, target: PanelPlace
) -> Screen:
    text = t(
        "user-move-ask",
        person=user_name_link(user),
        number=str(subscription_id),
        panel=source,
        target=target.name,
    )
    confirm = MoveSubscription(
        user_id=user.id, subscription_id=subscription_id, panel_id=target.panel_id
    )
    return Screen(
        text, [[callback_button(t.plain("user-move-yes"), confirm)], [to_its_card(t, user.id)]]
    )


def to_move_page(t: Translator, user_id: int, subscription_id: int) -> Button:
    """Below an alert that stays."""
    page = MoveTargetsPage(user_id=user_id, subscription_id=subscription_id, fresh=True)
    return callback_button(t.plain("user-move"), page)


def _say_state(t: Translator, choice: MoveChoice) -> Html:
    if choice.moves_to is not None:
        return t("user-move-under-way", target=choice.moves_to)
    if choice.is_busy:
        return t("user-move-busy")
    return t("user-move-where") if choice.targets else t("user-move-nowhere")


def _to_target(t: Translator, user_id: int, subscription_id: int, place: PanelPlace) -> Button:
    label = t.plain(
        "user-move-target",
        name=place.name,
        load=place.load,
        capacity=place.capacity or 0,
    )
    page = ChosenTargetPage(
        user_id=user_id, subscription_id=subscription_id, panel_id=place.panel_id
    )
    return callback_button(label, page)
