"""The composition root: the only place that knows everyone."""

import app.core.aiogram_models  # before anything that imports aiogram
import app.core.fastapi_models  # noqa: F401 - the same
from app.bootstrap.application import create_app
from app.bootstrap.shutdown import SERVER_ENDS
from app.bootstrap.wiring import ServiceParts

__all__ = ["SERVER_ENDS", "ServiceParts", "create_app"]
