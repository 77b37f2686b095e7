"""Lets FastAPI's models of OpenAPI be built when they are first used: never, as none is shown.

Imported before anything of FastAPI.
"""

from app.core.unbuilt_models import import_unbuilt

import_unbuilt("fastapi.openapi.models")
