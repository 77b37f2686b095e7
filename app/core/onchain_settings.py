"""What of the environment is about payments on chains; without its secret there are none."""

from typing import Self

from pydantic import BaseModel, SecretStr, field_validator, model_validator

from app.core.secret_strength import RANDOM_VALUE_COMMAND, is_weak_secret


class OnchainSettings(BaseModel):
    """`onchain_secret` signs the addresses that are set in the bot."""

    onchain_secret: SecretStr | None = None
    onchain_evm_address: str | None = None
    onchain_tron_address: str | None = None

    @field_validator("onchain_secret")
    @classmethod
    def _check_onchain_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and is_weak_secret(secret.get_secret_value()):
            raise ValueError(
                f"is too easily guessed: set it to the output of {RANDOM_VALUE_COMMAND}"
            )
        return secret

    @model_validator(mode="after")
    def _check_onchain(self) -> Self:
        if self.onchain_secret is None and (self.onchain_evm_address or self.onchain_tron_address):
            raise ValueError(
                "ONCHAIN_SECRET is missing, which ONCHAIN_EVM_ADDRESS and ONCHAIN_TRON_ADDRESS"
                f" need: set it to the output of {RANDOM_VALUE_COMMAND}"
            )
        return self
