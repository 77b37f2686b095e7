"""What Telegram remembers of Stars: what may be paid, and what has been paid and given back."""

from pydantic import BaseModel


class StarInvoice(BaseModel):
    """`slug` is what stands in its link; amounts are whole Stars."""

    slug: str
    title: str
    description: str
    payload: str
    amount: int


class StarTransaction(BaseModel):
    """A refund has the id of the payment that it gives back, and is not incoming."""

    id: str
    amount: int
    date: int
    person_id: int
    payload: str
    title: str
    incoming: bool
