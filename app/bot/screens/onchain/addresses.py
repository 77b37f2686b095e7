"""The addresses that buyers pay to: which are in effect, and what an owner sees before one is."""

from collections.abc import Iterator, Sequence
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.onchain_callbacks import (
    CancelOnchainAddress,
    OnchainAddressesPage,
    OnchainPage,
    SetOnchainAddressPage,
)
from app.bot.screens.buttons import callback_button
from app.bot.screens.notification_parts import (
    NotificationRenderer,
    NotificationValues,
    read_instant,
    user_link,
)
from app.domain.messages import Button, Screen
from app.domain.onchain.addresses import (
    CONFIRMED_CHARACTERS,
    ChainFamily,
    format_receiving_address,
)
from app.services.operations.onchain_addresses import AddressState
from app.services.payments.onchain.address_checks import ChainFacts


def receiving_addresses_screen(t: Translator, states: Sequence[AddressState]) -> Screen:
    parts = [Html("\n".join(_list_lines(t, state))) for state in states]
    back = callback_button(t.plain("onchain-back"), OnchainPage())
    rows = [[_change_button(t, state)] for state in states if not state.is_of_environment]
    return Screen("\n\n".join([t("onchain-addresses"), *parts]), [*rows, [back]])


def ask_for_receiving_address_screen(
    t: Translator, family: ChainFamily, *, note: Html | None = None
) -> Screen:
    """`note`: what became of the last try."""
    parts = [*([note] if note else []), t("onchain-address-ask", family=family)]
    return Screen("\n\n".join(parts), [[_to_addresses(t)]])


def confirm_receiving_address_screen(
    t: Translator, family: ChainFamily, address: str, facts: Sequence[ChainFacts]
) -> Screen:
    parts = [
        t("onchain-address-check", family=family),
        emphasize_address(format_receiving_address(address, family)),
        "\n".join([t("onchain-address-sum-right"), *_list_facts(t, facts)]),
        t("onchain-address-exchange"),
        t("onchain-address-confirm", count=CONFIRMED_CHARACTERS),
    ]
    return Screen("\n\n".join(parts), [[_to_addresses(t)]])


def emphasize_address(shown: str) -> Html:
    """The first and the last characters bold: those are compared by eye."""
    head, tail = shown[:CONFIRMED_CHARACTERS], shown[-CONFIRMED_CHARACTERS:]
    middle = shown[CONFIRMED_CHARACTERS:-CONFIRMED_CHARACTERS]
    return Html(f"<b>{head}</b>{middle}<b>{tail}</b>")


def _list_lines(t: Translator, state: AddressState) -> Iterator[Html]:
    yield t("onchain-address-family", family=state.family)
    if state.address is None:
        yield t("onchain-address-none")
    else:
        yield emphasize_address(format_receiving_address(state.address, state.family))
    if state.is_of_environment:
        yield t("onchain-address-environment")
    if state.has_changed_row:
        yield t("onchain-address-changed-row")
    if state.pending is not None:
        at = t.instant(state.pending.effective_at)
        address = format_receiving_address(state.pending.address, state.family)
        yield t("onchain-address-pending", at=at, address=emphasize_address(address))


def _list_facts(t: Translator, facts: Sequence[ChainFacts]) -> Iterator[Html]:
    for one in facts:
        if one.facts is None:
            yield t("onchain-address-not-asked", chain=one.spec.title)
            continue
        if one.facts.is_contract:
            yield t("onchain-address-contract", chain=one.spec.title)
        if frozen := one.frozen_symbols:
            yield t("onchain-address-frozen", chain=one.spec.title, tokens=", ".join(frozen))
        balances = [
            f"{token.amount(one.facts.balances[token.contract])} {token.symbol}"
            for token in one.tokens
            if token.contract in one.facts.balances
        ]
        yield t("onchain-address-balance", chain=one.spec.title, balances=", ".join(balances))


def _change_button(t: Translator, state: AddressState) -> Button:
    if state.pending is not None:
        data = CancelOnchainAddress(row_id=state.pending.id)
        return callback_button(t.plain("onchain-address-cancel", family=state.family), data)
    data_ = SetOnchainAddressPage(family=state.family)
    return callback_button(t.plain("onchain-address-set", family=state.family), data_)


def _to_addresses(t: Translator) -> Button:
    return callback_button(t.plain("onchain-to-addresses"), OnchainAddressesPage())


def _about_address(key: str) -> NotificationRenderer:
    def render(t: Translator, values: NotificationValues) -> Screen:
        text = t(
            key,
            family=str(values["family"]),
            address=emphasize_address(str(values["address"])),
            at=t.instant(read_instant(values, "at")),
            by="environment" if values["owner"] is None else "owner",
            owner=user_link(t, values["owner"]),
        )
        page = callback_button(t.plain("onchain-to-addresses"), OnchainAddressesPage(fresh=True))
        return Screen(text, [[page]])

    return render


def _address_changed(t: Translator, values: NotificationValues) -> Screen:
    text = t("operator-onchain-address-changed", family=str(values["family"]))
    return Screen(text)


def _address_frozen(t: Translator, values: NotificationValues) -> Screen:
    names = ("chain", "tokens", "address")
    return Screen(t("operator-onchain-frozen", **{name: str(values[name]) for name in names}))


ONCHAIN_ADDRESS_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {
    "operator-onchain-address-set": _about_address("operator-onchain-address-set"),
    "operator-onchain-address-effective": _about_address("operator-onchain-address-effective"),
    "operator-onchain-address-cancelled": _about_address("operator-onchain-address-cancelled"),
    "operator-onchain-address-changed": _address_changed,
    "operator-onchain-frozen": _address_frozen,
}
