"""On-chain payments: what was asked for, what arrived, and how far each chain has been read."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.db.models.transaction import WEI
from app.domain.onchain.addresses import ChainFamily
from app.domain.onchain.states import Assignment, OnchainState, TransferState

# The conditions of indexes. A query says them literally: with parameters in their place a prepared
# statement's plan can't know that the index holds what it asks for, and reads the table.
OPEN_INVOICES: Final = "state IN ('waiting', 'seen', 'mined', 'reorganised')"
DUE_TRANSFERS: Final = "state = 'final' AND assignment IS NULL"
MINED_TRANSFERS: Final = "state = 'mined'"
UNMATCHED_TRANSFERS: Final = "assignment = 'unmatched'"


class OnchainInvoice(Base):
    """An amount at an address, held for one order: the address is the one that it shows."""

    __tablename__ = "onchain_invoices"
    __table_args__ = (
        UniqueConstraint("purchase_id", "family"),
        # The slot: this amount, sent to this address, pays this order.
        Index(
            "uq_onchain_invoices_slot",
            "address",
            "amount_micro",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("ix_onchain_invoices_amount", "address", "amount_micro", "created_at"),
        Index(
            "ix_onchain_invoices_hold",
            "family",
            "hold_until",
            postgresql_where=text("released_at IS NULL"),
        ),
        Index(
            "ix_onchain_invoices_open",
            "family",
            "expires_at",
            postgresql_where=text(OPEN_INVOICES),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchases.id"))
    family: Mapped[ChainFamily] = mapped_column(text_enum(ChainFamily, "family"))
    networks: Mapped[list[str]] = mapped_column(ARRAY(String(32)))  # keys; the one chosen last last
    address: Mapped[str] = mapped_column(String(42))
    amount_micro: Mapped[int]
    state: Mapped[OnchainState] = mapped_column(text_enum(OnchainState, "state"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    hold_until: Mapped[datetime]
    released_at: Mapped[datetime | None]  # since when the amount is free for others

    @property
    def network(self) -> str:
        """The key of the one that its buyer chose last."""
        return self.networks[-1]


class OnchainTransfer(Base):
    """A listed token that came to one of our addresses."""

    __tablename__ = "onchain_transfers"
    __table_args__ = (
        UniqueConstraint("chain", "tx_hash", "ordinal"),
        CheckConstraint("assignment IS NULL OR state = 'final'", name="final"),
        Index(
            "ix_onchain_transfers_due",
            "id",
            postgresql_where=text(DUE_TRANSFERS),
        ),
        Index(
            "ix_onchain_transfers_mined",
            "chain",
            "block_number",
            postgresql_where=text(MINED_TRANSFERS),
        ),
        Index(
            "ix_onchain_transfers_unmatched",
            "id",
            postgresql_where=text(UNMATCHED_TRANSFERS),
        ),
        Index("ix_onchain_transfers_tx_hash", "tx_hash"),
        Index("ix_onchain_transfers_invoice_id", "invoice_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(16))
    tx_hash: Mapped[str] = mapped_column(String(66))
    ordinal: Mapped[int]  # of the log within its transaction
    block_number: Mapped[int]
    block_hash: Mapped[str] = mapped_column(String(66))
    block_at: Mapped[datetime]
    token: Mapped[str] = mapped_column(String(42))
    sender: Mapped[str] = mapped_column(String(42))
    recipient: Mapped[str] = mapped_column(String(42))
    units: Mapped[Decimal] = mapped_column(WEI)  # the token's smallest, as the log says
    state: Mapped[TransferState] = mapped_column(text_enum(TransferState, "state"))
    seen_at: Mapped[datetime]
    # Set once, when it is final. Who has the money, the ledger's entry of this key says.
    assignment: Mapped[Assignment | None] = mapped_column(text_enum(Assignment, "assignment"))
    assigned_at: Mapped[datetime | None]
    assigned_by: Mapped[str | None] = mapped_column(String(64))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("onchain_invoices.id"))
    credited_minor: Mapped[int | None]
    credited_currency: Mapped[str | None] = mapped_column(String(8))


class OnchainCursor(Base):
    """Up to which final block a chain was read, from when its first address was set."""

    __tablename__ = "onchain_cursors"

    chain: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int]
    block_hash: Mapped[str] = mapped_column(String(66))
    block_at: Mapped[datetime]
    started_number: Mapped[int]
    moved_at: Mapped[datetime]
    head_number: Mapped[int | None]  # as far as was looked for what is shown
    failing_since: Mapped[datetime | None]
    failure: Mapped[str | None]


class OnchainWatchedAddress(Base):
    """Every address that was ever in effect: what arrives there is the shop's to assign."""

    __tablename__ = "onchain_watched_addresses"

    family: Mapped[ChainFamily] = mapped_column(text_enum(ChainFamily, "family"), primary_key=True)
    address: Mapped[str] = mapped_column(String(42), primary_key=True)
    since: Mapped[datetime]


class OnchainClaim(Base):
    """A user says that an unmatched transfer is theirs; an operator decides."""

    __tablename__ = "onchain_claims"
    __table_args__ = (
        Index(
            "uq_onchain_claims_open",
            "transfer_id",
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index("ix_onchain_claims_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("onchain_transfers.id"))
    user_id: Mapped[int]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
