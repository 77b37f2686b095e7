"""How far each chain has been followed, and the hashes of its blocks that are not final yet."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class ChainState(Base):
    """One row a chain; `revision` grows with every pass, so that two loops cannot both end one."""

    __tablename__ = "chain_states"

    chain: Mapped[str] = mapped_column(String(16), primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
    head_number: Mapped[int | None]
    head_hash: Mapped[str | None] = mapped_column(String(66))
    head_at: Mapped[datetime | None]  # the head's own time
    safe_number: Mapped[int | None]
    final_number: Mapped[int | None]
    logs_number: Mapped[int | None]  # transfers of tokens up to this block have been read
    coins_number: Mapped[int | None]  # those of coins
    seen_at: Mapped[datetime | None]  # when an endpoint last answered
    failing_since: Mapped[datetime | None]


class ChainBlock(Base):
    """One of the recent blocks: from about the final one up to the head."""

    __tablename__ = "chain_blocks"

    chain: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(66))
