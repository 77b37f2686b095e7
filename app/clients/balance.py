"""Paying from the balance, behind the port of all payment methods: nothing is left to be paid."""

from collections.abc import Sequence

from app.domain.payment_methods import BALANCE_METHOD, PaymentMethod
from app.domain.ports import Invoice, InvoiceOrder, InvoiceStatus, RefusedError


class Balance:
    """The money is in our ledger already: an invoice is for zero, and paid when it is made."""

    name = BALANCE_METHOD
    payment_method = PaymentMethod(BALANCE_METHOD, lambda due, _: None if due.minor else due)

    async def create_invoice(self, order: InvoiceOrder) -> Invoice:
        return Invoice(
            invoice_id=order.payload,
            status=InvoiceStatus.PAID,
            amount="0",
            currency=order.charge.currency,
            payload=order.payload,
            pay_url=None,
        )

    async def get_invoices(self, invoice_ids: Sequence[str]) -> list[Invoice]:  # noqa: ARG002
        return []

    async def find_invoice(self, payload: str) -> Invoice | None:  # noqa: ARG002
        return None

    async def delete_invoice(self, invoice_id: str) -> None:
        raise RefusedError(f"the balance has no open invoices: {invoice_id}")

    async def refund(self, user_id: int, payment_id: str) -> None:
        raise RefusedError(f"the balance pays nothing back: {user_id}, {payment_id}")

    async def check(self) -> None:
        """Nothing outside can be away."""
