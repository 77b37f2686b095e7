"""The addresses that users and tokens have on every start of the sandbox."""

from hashlib import sha256

from sandbox.world.chains.cellframe.addresses import cellframe_address

_DIGITS = 40


def addresses_of(person_id: int) -> dict[str, str]:
    """By kind of chain."""
    owner = f"person {person_id}"
    return {"evm": evm_address(owner), "cf": cellframe_address(owner)}


def evm_address(owner: str) -> str:
    """Digits only, so its EIP-55 form is the same in every spelling."""
    number = int.from_bytes(sha256(owner.encode()).digest(), "big")
    return f"0x{str(number)[-_DIGITS:]}"
