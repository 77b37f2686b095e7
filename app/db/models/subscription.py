"""Access to the VPN: what the panel must hold, and how far it is with that."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, ClaimableRow, text_enum
from app.domain.customer_page import create_page_token
from app.domain.subscriptions import ActivationStatus

_IS_RUNNING_TRIAL = text("is_trial AND activation_status = 'active'")


class Subscription(ClaimableRow, Base):
    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("(lease_token IS NULL) = (leased_until IS NULL)", name="lease"),
        CheckConstraint("activation_status <> 'active' OR link IS NOT NULL", name="link"),
        Index(
            "ix_subscriptions_to_provision",
            "due_at",
            postgresql_where=text("activation_status IN ('pending', 'needs_attention')"),
        ),
        Index(
            "ix_subscriptions_to_remove",
            "due_at",
            postgresql_where=text("activation_status = 'removal_pending'"),
        ),
        Index(
            "ix_subscriptions_to_end",
            "ends_at",
            postgresql_where=text("activation_status = 'active'"),
        ),
        # 0 hours before the end: notified that the paid time is over.
        Index(
            "ix_subscriptions_to_remind",
            "expires_at",
            postgresql_where=text(
                "activation_status = 'active' AND reminded_hours IS DISTINCT FROM 0"
            ),
        ),
        # By the step that was sent last: what is due of each is one part of it.
        Index(
            "ix_subscriptions_reminded",
            "reminded_hours",
            "expires_at",
            postgresql_where=text("activation_status = 'active' AND NOT is_trial"),
        ),
        Index(
            "ix_subscriptions_renewal",
            "renewal_waits_until",
            "expires_at",
            postgresql_where=text(
                "auto_renew AND activation_status IN ('pending', 'active', 'needs_attention')"
            ),
        ),
        # Trials by the step that was sent last, and by what the next one's moment depends on.
        Index(
            "ix_subscriptions_trials_created",
            "trial_told",
            "created_at",
            postgresql_where=_IS_RUNNING_TRIAL,
        ),
        Index(
            "ix_subscriptions_trials_halfway",
            "trial_told",
            text("(timezone('UTC', created_at) + (expires_at - created_at) / 2)"),
            postgresql_where=_IS_RUNNING_TRIAL,
        ),
        Index(
            "ix_subscriptions_trials_ending",
            "trial_told",
            "expires_at",
            postgresql_where=_IS_RUNNING_TRIAL,
        ),
        Index(
            "ix_subscriptions_traffic",
            "traffic_due_at",
            postgresql_where=text(
                "activation_status = 'active' AND traffic_limit_bytes > 0 AND NOT is_trial"
            ),
        ),
        Index(
            "ix_subscriptions_on_panel",
            "panel_id",
            "id",
            postgresql_where=text(
                "panel_id IS NOT NULL"
                " AND activation_status IN ('pending', 'active', 'needs_attention')"
            ),
        ),
        # On the default panel, from before it had a row.
        Index(
            "ix_subscriptions_on_no_row",
            "id",
            postgresql_where=text(
                "panel_id IS NULL AND activation_status IN ('pending', 'active', 'needs_attention')"
            ),
        ),
        Index(
            "ix_subscriptions_extra_devices",
            "extra_devices_until",
            postgresql_where=text(
                "extra_devices_until IS NOT NULL"
                " AND activation_status IN ('pending', 'active', 'needs_attention')"
            ),
        ),
        Index(
            "ix_subscriptions_plan_id",
            "plan_id",
            postgresql_where=text("activation_status IN ('pending', 'active', 'needs_attention')"),
        ),
        Index("ix_subscriptions_awaits_panel", "id", postgresql_where=text("awaits_panel")),
        Index(
            "ix_subscriptions_moving",
            "id",
            postgresql_where=text("next_panel_id IS NOT NULL OR retired_panel_id IS NOT NULL"),
        ),
        Index("ix_subscriptions_user_id", "user_id"),
        Index("ix_subscriptions_page_token", "page_token"),
        Index(
            "ix_subscriptions_panel_name",
            "panel_name",
            postgresql_where=text("panel_name IS NOT NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))  # null: trial or gift
    term_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id"))  # the last one bought
    is_trial: Mapped[bool] = mapped_column(default=False)  # until something is bought for it
    auto_renew: Mapped[bool] = mapped_column(default=False)
    # It was tried for this end and cannot be renewed: until then, or until what is missing comes.
    renewal_waits_until: Mapped[datetime | None]
    access_id: Mapped[UUID] = mapped_column(unique=True)  # ours, on every panel
    panel_id: Mapped[int | None]  # of `panels`, whose rows stay for ever; null: the default one
    # None had room when it was bought, or all that had were away: asked again at each attempt.
    awaits_panel: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Its plan's squads, inbounds or groups; null or empty: those of the panel's description.
    access_groups: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    # Of an account that the panel had before us, and of an erased user's until the panel has
    # removed it; else it follows from the ids.
    panel_name: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # what was paid for ends
    ends_at: Mapped[datetime]  # the access ends: later by the grace of the day it was bought
    traffic_limit_bytes: Mapped[int]  # with what was bought beside the plan
    device_limit: Mapped[int]  # likewise, as long as it is paid for
    extra_traffic_bytes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    extra_devices: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    extra_devices_until: Mapped[datetime | None]  # when the first of them end
    link: Mapped[str | None]
    key_message_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))  # newest first
    # A new link is a new access; the one before is taken off the panel, its traffic still counts.
    retired_access_id: Mapped[UUID | None]
    # Set where that one is on another panel, which it was moved away from, and its name there.
    retired_panel_id: Mapped[int | None]
    retired_panel_name: Mapped[str | None]
    # Where it is moved to, by which access, until its key is there; and the last try in vain.
    next_panel_id: Mapped[int | None]
    next_access_id: Mapped[UUID | None]
    move_failed_in: Mapped[int | None]  # of panel_moves
    used_before_bytes: Mapped[int] = mapped_column(default=0)
    link_renewed_at: Mapped[datetime | None]
    # Of its page on the web; null where it was never asked for, and of an erased user's.
    page_token: Mapped[str | None] = mapped_column(String(32), default=create_page_token)

    trace_parent: Mapped[str | None] = mapped_column(String(55))  # of what made it due, if traced

    # When the panel is asked next how much was used, and what its user was notified of last.
    traffic_due_at: Mapped[datetime] = mapped_column(server_default=text("'epoch'"))
    traffic_notified_percent: Mapped[int | None]

    reminded_hours: Mapped[int | None]  # the last step sent before this end
    # The last step sent of a trial; the column's name: decision 41.
    trial_notified_step: Mapped[str | None] = mapped_column("trial_told", String(32))

    revision: Mapped[int] = mapped_column(default=1)  # grows whenever the panel must be updated
    activation_status: Mapped[ActivationStatus] = mapped_column(
        text_enum(ActivationStatus, "activation_status")
    )
