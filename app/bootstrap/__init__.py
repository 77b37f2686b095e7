"""The composition root: the only place that knows everyone."""

from app.bootstrap.service import Service, create_app
from app.bootstrap.shutdown import SERVER_ENDS

__all__ = ["SERVER_ENDS", "Service", "create_app"]
