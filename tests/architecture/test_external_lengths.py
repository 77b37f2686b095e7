"""Every bounded text column has a bound of ours: what outsiders send has a length nobody knows."""

from sqlalchemy import ARRAY, Enum, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.db.models import Base

_CHAIN = "chains are named by the code and by EVM_CHAINS, whose pattern allows 16 characters"
_CURRENCY = "Money knows no other currencies than its own table's"
_HASH = "the chains' clients refuse a hash that is not 0x and 64 hexadecimal digits"
_ADDRESS = "domain/addresses.py refuses what is no address of a chain"
_CODE = "the operator's, and refused when it is longer"
_PANEL = "the operator's, and refused by panel_admin.py when it is longer"
_OURS = "written by this code only"
_NAME = "cut where it is written, by the column's type"
_LABEL = "the user's, cut where it is read"

# The column, its length, and why nothing from outside is longer.
BOUNDED = {
    ("addresses.address", 128): _ADDRESS,
    ("addresses.label", 64): _LABEL,
    ("attention_items.key", 128): "the outbox's key: a longer one is its digest",
    ("attention_items.template", 64): _OURS,
    ("audit.actor", 64): "user:<id>, provider:<ours> or a part of this service",
    ("audit.action", 64): _OURS,
    ("audit.subject", 128): "a noun and an id, or a code, of ours",
    ("bridges.to_chain", 16): _CHAIN,
    ("bridges.recipient", 128): _ADDRESS,
    ("bridges.token", 64): "of the table of tokens that we know",
    ("bridges.rejected", 66): _HASH,
    ("broadcasts.segment_value", 32): "a plan's, a promo code's or a campaign's code, or ours",
    ("broadcasts.segment_language", 2): "one of ours",
    ("campaigns.code", 32): _CODE,
    ("bulk_jobs.actor", 64): "user:<id>, or the command line",
    ("bulk_jobs.request_key", 64): "<id>:<message>, or a UUID of ours",
    ("chain_states.chain", 16): _CHAIN,
    ("chain_states.head_hash", 66): _HASH,
    ("chain_blocks.chain", 16): _CHAIN,
    ("chain_blocks.hash", 66): _HASH,
    ("conversation_messages.kind", 32): "one of aiogram's ContentType",
    ("external_events.provider", 32): _OURS,
    ("gifts.code", 32): "drawn by lot here",
    ("gifts.batch", 32): "gift_admin.py refuses longer ones",
    ("group_chats.title", 256): _NAME,
    ("group_chats.language", 2): "one of ours",
    (
        "ledger_entries.key",
        320,
    ): "ids from outside pass through to_bounded_key, which gives 255 at most",
    ("ledger_entries.currency", 8): _CURRENCY,
    ("onchain_cursors.chain", 16): _CHAIN,
    ("onchain_cursors.block_hash", 66): _HASH,
    ("onchain_invoices.networks", 32): _OURS,
    ("onchain_invoices.address", 42): _ADDRESS,
    ("onchain_transfers.chain", 16): _CHAIN,
    ("onchain_transfers.tx_hash", 66): _HASH,
    ("onchain_transfers.block_hash", 66): _HASH,
    ("onchain_transfers.token", 42): _ADDRESS,
    ("onchain_transfers.sender", 42): _ADDRESS,
    ("onchain_transfers.recipient", 42): _ADDRESS,
    ("onchain_transfers.assigned_by", 64): _OURS,
    ("onchain_transfers.credited_currency", 8): _CURRENCY,
    ("onchain_watched_addresses.address", 42): _ADDRESS,
    ("onchain_addresses.address", 42): "domain/onchain/addresses.py refuses other ones",
    ("onchain_addresses.mac", 64): "an HMAC of ours, in hexadecimal",
    ("outbox.key", 128): "longer ones are digested where they are written, in notices.py",
    ("outbox.template", 64): _OURS,
    ("outbox.trace_parent", 55): _OURS,
    ("faq_entries.language", 2): "one of ours",
    ("page_texts.name", 32): _OURS,
    ("page_texts.language", 2): "one of ours",
    ("page_pictures.page", 32): _OURS,
    ("panels.name", 32): _PANEL,
    ("panel_comparison_steps.panel", 32): _PANEL,
    ("panel_comparisons.panel", 32): _PANEL,
    ("panel_findings.panel", 32): _PANEL,
    ("panels.kind", 32): "one of ours",
    ("panels.key_variable", 64): _PANEL,
    ("panels.headers_variable", 64): _PANEL,
    ("panels.cookies_variable", 64): _PANEL,
    ("panels.ca_variable", 64): _PANEL,
    ("panels.proxy_variable", 64): _PANEL,
    ("panels.panel_group", 32): _PANEL,
    ("plans.code", 32): _CODE,
    ("plans.panel_group", 32): "of a row of panels",
    ("quick_answers.name", 32): "refused when it is longer",
    ("extras.currency", 8): _CURRENCY,
    ("terms.currency", 8): _CURRENCY,
    ("promo_codes.code", 32): _CODE,
    ("promo_codes.currency", 8): _CURRENCY,
    ("purchases.currency", 8): _CURRENCY,
    ("purchases.charge_currency", 8): _CURRENCY,
    ("purchases.provider", 32): _OURS,
    ("schema_compatibility.oldest_code", 32): "a migration's number",
    ("shop_settings.name", 64): "a setting's, of ours",
    ("subscriptions.page_token", 32): _OURS,
    ("subscriptions.trace_parent", 55): _OURS,
    ("subscriptions.trial_told", 32): _OURS,
    ("transactions.chain", 16): _CHAIN,
    ("transactions.tx_hash", 66): _HASH,
    ("transactions.block_hash", 66): _HASH,
    ("transactions.replaced_by", 66): _HASH,
    ("transactions.sender", 128): _ADDRESS,
    ("transactions.recipient", 128): _ADDRESS,
    ("transactions.reason", 256): "cut in progress.py",
    ("transactions.action", 64): "cut in progress.py",
    ("users.first_name", 256): _NAME,
    ("users.username", 64): "domain/names.py leaves out what is none, and those are shorter",
    ("users.language", 2): "one of ours",
    ("users.referral_code", 16): "drawn by lot here",
    ("watches.chain", 16): _CHAIN,
    ("watches.tx_hash", 66): _HASH,
    ("watches.label", 64): _LABEL,
}


def _length(kind: TypeEngine[object]) -> int | None:
    """None for what is no text, is unbounded, or is one of our own words."""
    if isinstance(kind, ARRAY):
        return _length(kind.item_type)
    if isinstance(kind, TypeDecorator):
        return _length(kind.impl_instance)
    return kind.length if isinstance(kind, String) and not isinstance(kind, Enum) else None


def test_every_bound_of_a_text_column_is_ours_for_a_reason() -> None:
    """P1: an id that is too long for its column is an event that can't be stored.

    A new column that holds what comes from outside gets no length, or a key of `to_bounded_key`.
    """
    found = {
        (f"{table.name}.{column.name}", _length(column.type))
        for table in Base.metadata.tables.values()
        for column in table.columns
        if _length(column.type) is not None
    }
    assert found == set(BOUNDED)
