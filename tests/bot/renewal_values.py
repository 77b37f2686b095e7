"""What notifications about a renewal are rendered with."""

from datetime import timedelta

from app.core import clock

END = clock.now() + timedelta(hours=5)
VALUES: dict[str, object] = {
    "subscription": 1,
    "expires_at": END.isoformat(),
    "ends_at": END.isoformat(),
    "price": "4.99 USD",
    "balance": "1.00 USD",
    "missing": "3.99 USD",
    "days": 30,
    "top_up_minor": 399,
    "currency": "USD",
    "link": "https://panel.example/s/1",
}
