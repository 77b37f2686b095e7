"""The parameters that the sandbox reads from aiogram's source are those of its models."""

from aiogram import methods
from aiogram.methods import TelegramMethod

from sandbox.world.telegram.parameters import read_parameters


def test_the_parameters_of_every_method_are_its_models_fields() -> None:
    models = [
        model
        for model in vars(methods).values()
        if isinstance(model, type)
        and issubclass(model, TelegramMethod)
        and model is not TelegramMethod
    ]
    assert len(models) > 150
    for model in models:
        assert read_parameters(model.__api_method__.lower()) == set(model.model_fields)
