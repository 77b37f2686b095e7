"""Lets aiogram's models be built when they are first used, not all 600 of them at every start.

A model's schema holds those of all that it mentions, and for most that is nearly everything:
building each of them takes two seconds and 100 MB, and this bot uses thirty. Imported before
anything of aiogram.
"""

import sys

from app.core.unbuilt_models import import_unbuilt

_IS_FIRST = "aiogram.types" not in sys.modules

import_unbuilt("aiogram.types", "aiogram.methods")
if _IS_FIRST:  # the first update must not wait for what every update needs
    types = sys.modules["aiogram.types"]
    types.Message.model_rebuild()
    types.Update.model_rebuild()
