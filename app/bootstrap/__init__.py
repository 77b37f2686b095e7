"""The composition root: the only place that knows everyone."""

from app.bootstrap.service import REQUESTS_SHARE, Service, create_app

__all__ = ["REQUESTS_SHARE", "Service", "create_app"]
