"""Transactions that are watched: what their chain says of them, once for all who watch."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, text_enum
from app.domain.tracking import TxState

WEI = Numeric(78, 0)  # 2^256 has 78 digits


class Transaction(Base):
    __tablename__ = "transactions"
    __table_args__ = (
        CheckConstraint(
            "(state IN ('mined', 'confirmed', 'safe', 'final')) = (block_hash IS NOT NULL)"
            " AND (block_hash IS NOT NULL OR succeeded IS NULL)",
            name="inclusion",
        ),
        # What its chain is asked about without a reason; null: the chain's blocks say.
        Index(
            "ix_transactions_to_check",
            "chain",
            "check_at",
            postgresql_where=text("check_at IS NOT NULL"),
        ),
        # What may pass a threshold as the head moves on.
        Index(
            "ix_transactions_to_finish",
            "chain",
            "state",
            "block_number",
            postgresql_where=text("ended_at IS NULL AND block_number IS NOT NULL"),
        ),
        Index("ix_transactions_open", "chain", postgresql_where=text("ended_at IS NULL")),
        Index("ix_transactions_tx_hash", "tx_hash"),
        Index("ix_transactions_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )

    chain: Mapped[str] = mapped_column(String(16), primary_key=True)
    tx_hash: Mapped[str] = mapped_column(String(66), primary_key=True)
    state: Mapped[TxState] = mapped_column(text_enum(TxState, "state"))
    block_number: Mapped[int | None]
    block_hash: Mapped[str | None] = mapped_column(String(66))
    succeeded: Mapped[bool | None]  # null in a block: it does not say
    confirmations: Mapped[int | None]  # as the node counts, where there are no blocks for us
    gas_used: Mapped[int | None]
    fee: Mapped[Decimal | None] = mapped_column(WEI)
    reason: Mapped[str | None] = mapped_column(String(256))  # of the failure
    sender: Mapped[str | None] = mapped_column(String(128))
    nonce: Mapped[int | None]
    recipient: Mapped[str | None] = mapped_column(String(128))
    value: Mapped[Decimal | None] = mapped_column(WEI)
    gas_limit: Mapped[int | None]
    max_fee_per_gas: Mapped[Decimal | None] = mapped_column(WEI)
    action: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime | None]  # of TRON
    replaced_by: Mapped[str | None] = mapped_column(String(66))
    nonce_authorized: Mapped[bool] = mapped_column(server_default=false())  # used by EIP-7702
    first_seen_at: Mapped[datetime]
    missing_since: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
