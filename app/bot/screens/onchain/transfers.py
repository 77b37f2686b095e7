"""On-chain payments for operators: each network's state, what arrived, and what is nobody's."""

from collections.abc import Collection, Iterator
from typing import Final

from app.bot.callbacks import ExportPage
from app.bot.formatting import format_number
from app.bot.i18n import Html, Translator
from app.bot.onchain_callbacks import (
    AssignmentPage,
    AssignTransfer,
    DismissalReasonPage,
    OnchainAddressesPage,
    OnchainPage,
    OnchainTransferPage,
    OnchainTransfersPage,
    RejectClaim,
    SwitchNetwork,
)
from app.bot.screens.buttons import callback_button, pagination_rows, to_home
from app.bot.screens.incidents import format_length
from app.bot.screens.notification_parts import user_link
from app.bot.screens.onchain.networks import network_name
from app.bot.screens.users.card import to_user_card
from app.db.models import OnchainTransfer
from app.domain.addresses import to_base58check, to_eip55
from app.domain.chains import BSC, ETHEREUM, TRON
from app.domain.exports import ExportKind
from app.domain.messages import Button, Screen
from app.domain.onchain.amounts import format_micro, to_micro
from app.domain.onchain.networks import find_network
from app.domain.onchain.states import Assignment, TransferState
from app.domain.operator_roles import OperatorRole, Permission, has_permission
from app.domain.tokens import format_units
from app.services.operations.onchain_transfers import (
    NetworkState,
    OnchainOverview,
    TransferList,
    TransferPage,
)

_SPECS: Final = {spec.key: spec for spec in (ETHEREUM, BSC, TRON)}


def onchain_screen(
    t: Translator, overview: OnchainOverview, off: Collection[str], role: OperatorRole
) -> Screen:
    lines = [
        _network_line(t, one, overview, is_off=one.network.key in off) for one in overview.networks
    ]
    text = "\n\n".join([t("onchain-home"), "\n".join(lines)])
    incoming = callback_button(t.plain("onchain-incoming"), OnchainTransfersPage())
    unmatched = callback_button(
        t.plain("onchain-unmatched", count=overview.unmatched), OnchainTransfersPage(unmatched=True)
    )
    rows = [[incoming], [unmatched]]
    if has_permission(role, Permission.EDIT_SHOP):
        rows += [[_switch(t, one, off)] for one in overview.networks if one.has_address]
    if has_permission(role, Permission.EXPORT_TABLES):
        export = ExportPage(kind=ExportKind.ONCHAIN)
        rows.append([callback_button(t.plain("onchain-books"), export)])
    if has_permission(role, Permission.SET_RECEIVING_ADDRESSES):
        rows.append([callback_button(t.plain("onchain-addresses-page"), OnchainAddressesPage())])
    return Screen(text, [*rows, [to_home(t)]])


def transfers_screen(t: Translator, listed: TransferList, *, unmatched: bool) -> Screen:
    if not listed.transfers:
        key = "onchain-no-unmatched" if unmatched else "onchain-no-incoming"
        return Screen(t(key), [[_to_onchain(t)]])
    rows = [
        [callback_button(_transfer_label(t, one), OnchainTransferPage(transfer_id=one.id))]
        for one in listed.transfers
    ]
    pages = pagination_rows(
        t,
        listed.number,
        lambda number: OnchainTransfersPage(unmatched=unmatched, number=number),
        more=listed.has_more,
    )
    text = t("onchain-unmatched-head") if unmatched else t("onchain-incoming-head")
    refresh = callback_button(
        t.plain("button-refresh"), OnchainTransfersPage(unmatched=unmatched, number=listed.number)
    )
    return Screen(text, [*rows, *pages, [refresh], [_to_onchain(t)]])


def transfer_screen(t: Translator, page: TransferPage, *, note: Html | None = None) -> Screen:
    """`note`: what became of it just now."""
    transfer = page.transfer
    spec = _SPECS.get(transfer.chain)
    parts = [*([note] if note else []), "\n".join(_list_facts(t, page))]
    rows: list[list[Button]] = []
    if spec is not None:
        explorer = spec.explorer(transfer.tx_hash)
        rows.append([Button(t.plain("onchain-explorer"), url=explorer)])
    if transfer.assignment is Assignment.UNMATCHED:
        parts.append(t("onchain-transfer-decide"))
        rows += _decisions(t, page)
    if page.owner is not None:
        rows.append([to_user_card(t, page.owner)])
    back = OnchainTransfersPage(unmatched=transfer.assignment is Assignment.UNMATCHED)
    rows.append([callback_button(t.plain("onchain-to-transfers"), back)])
    return Screen("\n\n".join(parts), rows)


def ask_for_owner_screen(t: Translator, transfer_id: int, *, note: Html | None = None) -> Screen:
    parts = [*([note] if note else []), t("onchain-ask-owner")]
    return Screen("\n\n".join(parts), [[_to_transfer(t, transfer_id)]])


def confirm_owner_screen(t: Translator, page: TransferPage, user_id: int) -> Screen:
    text = t("onchain-confirm-owner", amount=_amount(page.transfer), person=user_link(t, user_id))
    data = AssignTransfer(transfer_id=page.transfer.id, user_id=user_id)
    yes = callback_button(t.plain("onchain-confirm-owner-yes"), data)
    return Screen(text, [[yes], [_to_transfer(t, page.transfer.id)]])


def ask_for_dismissal_screen(t: Translator, transfer_id: int) -> Screen:
    return Screen(t("onchain-ask-dismissal"), [[_to_transfer(t, transfer_id)]])


def _network_line(
    t: Translator, state: NetworkState, overview: OnchainOverview, *, is_off: bool
) -> Html:
    word = "on"
    if is_off:
        word = "off"
    elif not state.has_address:
        word = "no-address"
    elif state.is_frozen:
        word = "frozen"
    elif state.final_at is None:
        word = "not-read"
    elif state.failing_since is not None:
        word = "failing"
    lag = overview.now - state.final_at if state.final_at else None
    name = network_name(state.network)
    length = format_length(t, lag) if lag is not None else ""
    return t("onchain-network-line", name=name, state=word, lag=length)


def _switch(t: Translator, state: NetworkState, off: Collection[str]) -> Button:
    is_off = state.network.key in off
    label = t.plain(
        "onchain-switch", name=network_name(state.network), state="on" if is_off else "off"
    )
    return callback_button(label, SwitchNetwork(network=state.network.key, on=is_off))


def _transfer_label(t: Translator, transfer: OnchainTransfer) -> str:
    local = t.instant(transfer.block_at).partition(" (")[0]
    return f"{_mark(transfer)} {_amount(transfer)} · {transfer.chain} · {local}"


def _mark(transfer: OnchainTransfer) -> str:
    if transfer.state is not TransferState.FINAL:
        return "⏳" if transfer.state is TransferState.MINED else "🔀"
    marks = {
        Assignment.MATCHED: "✅",
        Assignment.BALANCE: "👛",
        Assignment.CLAIMED: "👛",
        Assignment.UNMATCHED: "❗️",
        Assignment.IGNORED: "▫️",
    }
    return marks[transfer.assignment] if transfer.assignment else "⏳"


def _amount(transfer: OnchainTransfer) -> str:
    network = find_network(transfer.chain, transfer.token)
    if network is None:
        return format_units(int(transfer.units), 0)
    return f"{format_micro(to_micro(int(transfer.units), network.decimals))} {network.token}"


def _list_facts(t: Translator, page: TransferPage) -> Iterator[Html]:
    transfer = page.transfer
    title = page.network.title if page.network else transfer.chain
    yield t("onchain-transfer-head", mark=_mark(transfer), amount=_amount(transfer), network=title)
    yield t(
        "onchain-transfer-facts",
        at=t.instant(transfer.block_at),
        block=format_number(transfer.block_number, t.language),
        sender=_show(transfer.chain, transfer.sender),
        recipient=_show(transfer.chain, transfer.recipient),
        hash=transfer.tx_hash,
    )
    verdict = transfer.assignment.value if transfer.assignment else transfer.state.value
    yield t("onchain-transfer-verdict", verdict=verdict)
    if page.owner is not None:
        yield t("onchain-transfer-owner", person=user_link(t, page.owner))
    if page.claimant is not None:
        yield t("onchain-transfer-claimed", person=user_link(t, page.claimant))
    for one in page.candidates:
        yield t(
            "onchain-transfer-candidate",
            person=user_link(t, one.user_id),
            amount=format_micro(one.amount_micro),
            at=t.instant(one.created_at),
        )


def _decisions(t: Translator, page: TransferPage) -> Iterator[list[Button]]:
    id_ = page.transfer.id
    claimant = [page.claimant] if page.claimant is not None else []
    users = dict.fromkeys([*claimant, *(one.user_id for one in page.candidates)])
    for user_id in users:
        data = AssignmentPage(transfer_id=id_, user_id=user_id)
        yield [callback_button(t.plain("onchain-assign-to", user=str(user_id)), data)]
    yield [callback_button(t.plain("onchain-assign-other"), AssignmentPage(transfer_id=id_))]
    if page.claimant is not None:
        yield [callback_button(t.plain("onchain-reject-claim"), RejectClaim(transfer_id=id_))]
    yield [callback_button(t.plain("onchain-dismiss"), DismissalReasonPage(transfer_id=id_))]


def _show(chain: str, address: str) -> str:
    return to_base58check(address) if chain == TRON.key else to_eip55(address)


def _to_onchain(t: Translator) -> Button:
    return callback_button(t.plain("onchain-back"), OnchainPage())


def _to_transfer(t: Translator, transfer_id: int) -> Button:
    page = OnchainTransferPage(transfer_id=transfer_id)
    return callback_button(t.plain("onchain-to-transfer"), page)
