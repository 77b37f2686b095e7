"""What Crypto Pay remembers: invoices in its own field names, and webhooks on their way."""

from typing import Literal

from pydantic import BaseModel, JsonValue


class Invoice(BaseModel):
    """Amounts are decimal strings and instants ISO strings, as the API writes them."""

    invoice_id: int
    hash: str
    currency_type: Literal["crypto", "fiat"]
    asset: str | None = None
    fiat: str | None = None
    amount: str
    accepted_assets: list[str] | None = None
    # A deleted one is kept for the page only: the API knows nothing of it.
    status: Literal["active", "paid", "expired", "deleted"] = "active"
    pay_url: str
    bot_invoice_url: str
    mini_app_invoice_url: str
    web_app_invoice_url: str
    description: str | None = None
    hidden_message: str | None = None
    paid_btn_name: str | None = None
    paid_btn_url: str | None = None
    payload: str | None = None
    allow_comments: bool = True
    allow_anonymous: bool = True
    created_at: str
    expiration_date: str | None = None
    paid_at: str | None = None
    paid_anonymously: bool | None = None
    comment: str | None = None
    paid_asset: str | None = None
    paid_amount: str | None = None
    paid_fiat_rate: str | None = None
    paid_usd_rate: str | None = None
    fee_asset: str | None = None
    fee_amount: str | None = None
    swap_to: str | None = None
    is_swapped: bool | None = None
    swapped_uid: str | None = None
    swapped_to: str | None = None
    swapped_rate: str | None = None
    swapped_output: str | None = None
    swapped_usd_amount: str | None = None
    swapped_usd_rate: str | None = None
    person_id: int | None = None

    def for_api(self) -> dict[str, JsonValue]:
        return self.model_dump(mode="json", exclude_none=True, exclude={"person_id"})

    def for_page(self) -> dict[str, JsonValue]:
        return self.for_api() | {"person_id": self.person_id}


class PaymentWebhook(BaseModel):
    """An `invoice_paid` that the service has not yet taken; the body is kept as it was signed."""

    update_id: int
    invoice_id: int
    body: str
    attempts: int = 0
