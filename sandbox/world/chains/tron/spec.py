"""TRON as the sandbox has it: in its own pace, "final" is a minute away as it is in life."""

from typing import Final

from sandbox.world.chains.evm.spec import EvmSpec, Token

USDT: Final = "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c"
_IMPOSTOR: Final = "0x74472e7d35395a6b5add427eecb7f4b62ad2b071"
ENERGY_PRICE: Final = 100  # sun
BYTE_PRICE: Final = 1_000
TOKEN_ENERGY: Final = 64_285
FAILED_ENERGY: Final = 31_895
TOKEN_BYTES: Final = 345
COIN_BYTES: Final = 268

TRON_SPEC: Final = EvmSpec(
    key="tron",
    family="tron",
    title="TRON",
    coin="TRX",
    decimals=6,
    chain_id=728_126_428,
    wrong_chain_id=3_448_148_188,  # Nile
    client="TRON/v4.8.1/Linux/Java1.8/GreatVoyage-v4.8.0.1",
    first_block=76_000_000,
    base_fee=0,
    tip=1,
    auto_seconds=3,
    epoch_blocks=1,
    safe_depth=19,
    final_depth=19,
    lifetime_seconds=60,  # as wallets write it
    tokens=(
        Token("USDT", USDT, 6),
        Token("FAKE", _IMPOSTOR, 6),  # calls itself USDT, too
    ),
)
