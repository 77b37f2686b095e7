"""An order, with a snapshot of what was sold: plans may change, orders do not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.money import Money
from app.db.models.base import Base, text_enum
from app.domain.extras import ExtraKind
from app.domain.payments import Payout, PurchaseKind, PurchaseStatus
from app.domain.pricing import Quote


class Purchase(Base):
    __tablename__ = "purchases"
    __table_args__ = (
        UniqueConstraint("provider", "invoice_id"),
        CheckConstraint("price_minor >= 0 AND days >= 0", name="terms"),
        CheckConstraint(
            "discount_minor BETWEEN 0 AND price_minor AND credit_minor >= 0"
            " AND from_balance_minor >= 0 AND charge_minor >= 0",
            name="parts",
        ),
        CheckConstraint("(charge_minor IS NULL) = (charge_currency IS NULL)", name="charge"),
        CheckConstraint("status <> 'pending' OR charge_minor IS NOT NULL", name="pending"),
        CheckConstraint(
            "status NOT IN ('paid', 'refunded') OR (paid_at IS NOT NULL AND (kind = 'top_up'"
            " OR is_gift OR (subscription_id IS NOT NULL AND subscription_revision IS NOT NULL"
            " AND covers_until IS NOT NULL)))",
            name="paid",
        ),
        CheckConstraint("(status = 'refunded') = (refunded_at IS NOT NULL)", name="refunded"),
        Index("ix_purchases_open", "expires_at", postgresql_where=text("status = 'pending'")),
        Index("ix_purchases_stale", "created_at", postgresql_where=text("status = 'created'")),
        Index(
            "ix_purchases_ended",
            "expires_at",
            postgresql_where=text("status IN ('expired', 'cancelled')"),
        ),
        # Given up before a payment method was chosen: deleted after a while.
        Index(
            "ix_purchases_drafts",
            "expires_at",
            postgresql_where=text("status IN ('expired', 'cancelled') AND provider IS NULL"),
        ),
        Index(
            "ix_purchases_undelivered",
            "subscription_id",
            postgresql_where=text("status = 'paid' AND delivered_at IS NULL"),
        ),
        Index(
            "ix_purchases_invoice_to_delete",
            "expires_at",
            postgresql_where=text(
                "status = 'cancelled' AND invoice_id IS NOT NULL AND invoice_deleted_at IS NULL"
            ),
        ),
        Index(
            "ix_purchases_paid_at_id",
            "paid_at",
            "id",
            postgresql_where=text("paid_at IS NOT NULL"),
        ),
        Index(
            "ix_purchases_refunded_at",
            "refunded_at",
            "id",
            postgresql_where=text("refunded_at IS NOT NULL"),
        ),
        # What gave access lately: of subscriptions over time.
        Index(
            "ix_purchases_covering",
            "covers_until",
            postgresql_where=text("status = 'paid' AND covers_until IS NOT NULL"),
        ),
        Index("ix_purchases_payout", "refunded_at", postgresql_where=text("payout = 'due'")),
        # One trial a user, however many taps.
        Index(
            "uq_purchases_trial", "user_id", unique=True, postgresql_where=text("kind = 'trial'")
        ),
        Index("ix_purchases_subscription_id", "subscription_id"),
        Index("ix_purchases_user_id", "user_id", "created_at"),
        Index(
            "ix_purchases_invoice_id",
            "invoice_id",
            postgresql_where=text("invoice_id IS NOT NULL"),
        ),
        Index(
            "ix_purchases_payment_id",
            "payment_id",
            postgresql_where=text("payment_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[PurchaseKind] = mapped_column(text_enum(PurchaseKind, "kind"))
    status: Mapped[PurchaseStatus] = mapped_column(text_enum(PurchaseStatus, "status"))

    # What is sold.
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))
    term_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id"))
    titles: Mapped[dict[str, str]]
    months: Mapped[int | None]
    days: Mapped[int]
    traffic_limit_bytes: Mapped[int]
    device_limit: Mapped[int]
    # For another user: paid, it becomes a gift and no access.
    is_gift: Mapped[bool] = mapped_column(default=False, server_default=false())
    # More traffic or more devices for a subscription, and no time: what `traffic_limit_bytes` or
    # `device_limit` says, of devices until `base_expires_at`.
    extra_id: Mapped[int | None]  # of `extras`, whose rows stay for ever
    # For which subscription; null until paid for whichever fits then, or for a separate one.
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"))
    is_separate: Mapped[bool] = mapped_column(default=False)
    is_change: Mapped[bool] = mapped_column(default=False)  # of the plan, instead of more of it
    # The end that a change's credit was reckoned from; of an extra, the one that was paid for then.
    base_expires_at: Mapped[datetime | None]
    base_used_bytes: Mapped[int] = mapped_column(default=0)  # and the traffic used until then

    # For how much.
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(8))
    discount_minor: Mapped[int] = mapped_column(default=0)
    credit_minor: Mapped[int] = mapped_column(default=0)  # what is left of the changed plan
    from_balance_minor: Mapped[int] = mapped_column(default=0)
    charge_minor: Mapped[int | None]  # what the provider asks for, in its own currency
    charge_currency: Mapped[str | None] = mapped_column(String(8))

    # How it is paid.
    provider: Mapped[str | None] = mapped_column(String(32))  # null until a method is chosen
    chosen_at: Mapped[datetime | None]  # when the method was
    original_id: Mapped[UUID | None]  # of the order that this is a copy of, with another method
    invoice_id: Mapped[str | None]  # as `to_bounded_key` bounds it
    # Deleted at the provider, or nothing to delete any more: it was paid, or is gone.
    invoice_deleted_at: Mapped[datetime | None]
    pay_url: Mapped[str | None]
    payment_id: Mapped[str | None]  # what paid it: a refund needs it
    message_id: Mapped[int | None]  # the checkout message, edited as the purchase goes on
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # the end of its life, which nothing prolongs (P15)
    paid_at: Mapped[datetime | None]

    # What it gave.
    covers_from: Mapped[datetime | None]
    covers_until: Mapped[datetime | None]
    subscription_revision: Mapped[int | None]  # delivered once the panel holds this revision
    delivered_at: Mapped[datetime | None]

    refunded_at: Mapped[datetime | None]
    payout: Mapped[Payout | None] = mapped_column(text_enum(Payout, "payout"))

    @property
    def number(self) -> str:
        """What users call it by; only the id is unique."""
        return self.id.hex[:8].upper()

    @property
    def extra_kind(self) -> ExtraKind | None:
        """None of what is no extra."""
        if self.extra_id is None:
            return None
        return ExtraKind.TRAFFIC if self.traffic_limit_bytes else ExtraKind.DEVICES

    @property
    def first_id(self) -> UUID:
        """Of the order as it was placed: all its copies share it."""
        return self.original_id or self.id

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def cost(self) -> Money:
        """What the sale takes: the price after the promo code."""
        return Money(self.price_minor - self.discount_minor, self.currency)

    @property
    def paid(self) -> Money:
        """What a receipt names: what was asked for outside, in its currency, else the cost."""
        charge = self.charge
        return charge if charge is not None and charge.minor else self.cost

    @property
    def quote(self) -> Quote:
        return Quote(
            price=self.price,
            discount=Money(self.discount_minor, self.currency),
            credit=Money(self.credit_minor, self.currency),
            from_balance=Money(self.from_balance_minor, self.currency),
        )

    @property
    def due(self) -> Money:
        """What is left to be paid from outside."""
        return self.quote.due

    @property
    def charge(self) -> Money | None:
        if self.charge_minor is None or self.charge_currency is None:
            return None
        return Money(self.charge_minor, self.charge_currency)
