"""Bound addresses: the list, one of them, and what is wrong with one that was typed."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from app.bot.i18n import Html, Translator
from app.bot.screens.buttons import callback_button, pagination_rows, to_menu
from app.bot.screens.notification_parts import NotificationRenderer, NotificationValues, read_number
from app.bot.screens.tracking.formatting import join_names
from app.bot.tracking_callbacks import WatchesPage
from app.bot.wallet_callbacks import (
    AddressesPage,
    AddressPage,
    BindPage,
    LabelAddress,
    NotifyIncoming,
    UnbindAddress,
    UnlabelAddress,
)
from app.core.errors import ExpectedError
from app.db.models import Address
from app.domain.addresses import (
    AddressChecksumError,
    AddressNetworkError,
    AddressShapeError,
    is_tron_shaped,
    shorten_address,
    to_shown_address,
)
from app.domain.chain_ports import BlockChain
from app.domain.chains import CELLFRAME, TRON, ChainKind
from app.domain.messages import Button, Screen
from app.domain.names import MAX_LABEL_LENGTH
from app.domain.shop_settings import ShopSettings
from app.services.tracking.chains import Chains
from app.services.tracking.following.incoming import list_notified_tokens

_PER_PAGE: Final = 10
_EVM_DIGITS: Final = 40
_HASH_DIGITS: Final = 64


def addresses_screen(
    t: Translator,
    rows: Sequence[Address],
    number: int,
    symbols: Iterable[str],
    *,
    note: str = "",
) -> Screen:
    """`symbols`: of the tokens and coins with notifications. `note`: what has just happened."""
    add = callback_button(t.plain("addresses-add"), BindPage())
    if not rows:
        notified = join_names(symbols)
        first = (
            t("addresses-none-notified", tokens=notified)
            if notified
            else t("addresses-none-silent")
        )
        text = f"{t('addresses-none')}\n\n{first}"
        return Screen(f"{note}\n\n{text}" if note else text, [[add], [to_menu(t)]])
    number = min(number, (len(rows) - 1) // _PER_PAGE)
    start = number * _PER_PAGE
    some = rows[start : start + _PER_PAGE]
    lines = [_line(row) for row in some]
    pages = pagination_rows(
        t,
        number,
        lambda other: AddressesPage(number=other),
        more=len(rows) > start + _PER_PAGE,
    )
    return Screen(
        "\n\n".join([*([note] if note else []), t("addresses"), *lines]),
        [
            *([callback_button(address_name(row), AddressPage(address_id=row.id))] for row in some),
            *pages,
            [add],
            [to_menu(t)],
        ],
    )


def address_screen(
    t: Translator, row: Address, chains: Chains, shop: ShopSettings, *, note: str = ""
) -> Screen:
    """`note`: what has just happened to it."""
    lines = [
        _title(t, row),
        f"<code>{escape(_display_address(row))}</code>",
        _networks(t, row, chains),
    ]
    if row.kind is not ChainKind.CELLFRAME:
        lines.append(_incoming(t, row, chains, shop))
    text = "\n".join(lines)
    return Screen(f"{note}\n\n{text}" if note else text, _address_buttons(t, row))


def ask_address_screen(t: Translator) -> Screen:
    return Screen(t("address-ask", limit=MAX_LABEL_LENGTH), [[_to_list(t)]])


def ask_address_label_screen(t: Translator, row: Address) -> Screen:
    remove = callback_button(t.plain("address-unlabel"), UnlabelAddress(address_id=row.id))
    back = callback_button(t.plain("button-back"), AddressPage(address_id=row.id))
    text = t(
        "address-ask-label", address=shorten_address(_display_address(row)), limit=MAX_LABEL_LENGTH
    )
    return Screen(text, [[remove], [back]] if row.label else [[back]])


def address_label_refused_screen(t: Translator) -> Screen:
    return Screen(t("address-label-text-only"))


def too_many_addresses_screen(t: Translator, limit: int) -> Screen:
    return Screen(t("addresses-full", limit=limit), [[_to_list(t)]])


def address_refused_screen(t: Translator, typed: str, error: ExpectedError) -> Screen:
    """The next message is taken for another try."""
    return Screen(
        f"{explain_address_error(t, typed, error)}\n\n{t('address-again')}", [[_to_list(t)]]
    )


def explain_address_error(
    t: Translator, typed: str, error: ExpectedError, wanted: ChainKind | None = None
) -> Html:
    """Which kind of mistake it is; `wanted`: an address of that kind was asked for."""
    is_tron = is_tron_shaped(typed)
    is_evm = typed[:2].lower() == "0x" and not is_tron
    if isinstance(error, AddressShapeError) and wanted and is_evm != (wanted is ChainKind.EVM):
        return t("address-other-kind", kind=wanted.value)
    if isinstance(error, AddressNetworkError):
        return t("address-network", network=CELLFRAME.network)
    if isinstance(error, AddressChecksumError):
        kind = "evm" if is_evm else "tron" if is_tron else "cellframe"
        return t(f"address-checksum-{kind}")
    digits = len(typed) - 2 if is_evm else 0
    if digits == _HASH_DIGITS:
        return t("address-is-hash")
    if is_evm and digits != _EVM_DIGITS:
        return t("address-length", digits=digits)
    return t("address-stray") if is_evm else t("address-shape")


def address_bound_note(t: Translator, *, is_new: bool, is_checked: bool) -> str:
    note = t("address-bound") if is_new else t("address-known")
    return note if is_checked else f"{note}\n{t('address-unchecked')}"


def address_name(row: Address) -> str:
    return row.label or shorten_address(_display_address(row))


def _display_address(row: Address) -> str:
    """As users know it, with its checksum."""
    return to_shown_address(row.kind, row.address)


def _title(t: Translator, row: Address) -> Html:
    return t("address-named", label=row.label) if row.label else t("address")


def _line(row: Address) -> str:
    code = f"<code>{escape(shorten_address(_display_address(row)))}</code>"
    named = f"<b>{escape(row.label, quote=False)}</b> · {code}" if row.label else code
    if row.kind is ChainKind.CELLFRAME:
        return f"{named} · {CELLFRAME.title}"
    network = f" · {TRON.title}" if row.kind is ChainKind.TRON else ""
    return f"{named}{network} {'🔔' if row.notify_incoming else '🔕'}"


def _networks(t: Translator, row: Address, chains: Chains) -> Html:
    titles = [chain.spec.title for chain in _list_followed(chains, row.kind)]
    if row.kind is ChainKind.CELLFRAME:
        titles = [CELLFRAME.title]
    no_titles = TRON.title if row.kind is ChainKind.TRON else "EVM"
    return t("address-networks", networks=join_names(titles) or no_titles)


def _list_followed(chains: Chains, kind: ChainKind) -> list[BlockChain]:
    return [chain for chain in chains.followed.values() if chain.spec.kind is kind]


def _incoming(t: Translator, row: Address, chains: Chains, shop: ShopSettings) -> Html:
    if not row.notify_incoming:
        return t("address-silent")
    symbols = _list_symbols(_list_followed(chains, row.kind), shop)
    if not symbols:
        return t("address-no-tokens")
    has_coins = row.kind is ChainKind.EVM and not shop.coins_from.keys().isdisjoint(chains.evm)
    return t("address-notified", tokens=join_names(symbols), coins="yes" if has_coins else "no")


def list_notified_symbols(chains: Chains, shop: ShopSettings) -> list[str]:
    """Of the tokens and coins with notifications, on the chains that are on."""
    return _list_symbols(chains.followed.values(), shop)


def _list_symbols(chains: Iterable[BlockChain], shop: ShopSettings) -> list[str]:
    notified = [
        one.symbol for chain in chains for one in list_notified_tokens(chain.spec, shop).values()
    ]
    return list(dict.fromkeys(notified))


def _address_buttons(t: Translator, row: Address) -> list[list[Button]]:
    id_ = row.id
    notified = (
        t.plain("address-notify-off") if row.notify_incoming else t.plain("address-notify-on")
    )
    label = t.plain("address-relabel") if row.label else t.plain("address-label")
    incoming = [
        [callback_button(notified, NotifyIncoming(address_id=id_, on=not row.notify_incoming))]
    ]
    return [
        *([] if row.kind is ChainKind.CELLFRAME else incoming),
        [
            callback_button(label, LabelAddress(address_id=id_)),
            callback_button(t.plain("address-unbind"), UnbindAddress(address_id=id_)),
        ],
        [_to_list(t)],
    ]


def _to_list(t: Translator) -> Button:
    return callback_button(t.plain("addresses-back"), AddressesPage())


def _more(t: Translator, values: NotificationValues) -> Screen:
    text = t("incoming-more", count=read_number(values, "count"))
    return Screen(text, [[callback_button(t.plain("incoming-watches"), WatchesPage(fresh=True))]])


ADDRESS_NOTIFICATIONS: Final[dict[str, NotificationRenderer]] = {"incoming-more": _more}
