"""The addresses that users and tokens have on every start of the sandbox."""

from hashlib import sha256
from typing import Literal

from sandbox.world.chains.cellframe.addresses import cellframe_address
from sandbox.world.chains.tron.addresses import from_base58check, to_base58check
from sandbox.world.problems import Problem

_DIGITS = 40


def addresses_of(person_id: int) -> dict[str, str]:
    """By kind of chain, as wallets show them."""
    return {
        "evm": address_of("evm", person_id),
        "cf": cellframe_address(f"person {person_id}"),
        "tron": to_base58check(address_of("tron", person_id)),
    }


def address_of(family: Literal["evm", "tron"], person_id: int) -> str:
    """0x and 20 bytes, of another key for each family, as wallets make them of one phrase."""
    owner = f"person {person_id}"
    return evm_address(owner if family == "evm" else f"{family} {owner}")


def evm_address(owner: str) -> str:
    """Digits only, so its EIP-55 form is the same in every spelling."""
    number = int.from_bytes(sha256(owner.encode()).digest(), "big")
    return f"0x{str(number)[-_DIGITS:]}"


def read_address(text: str) -> str:
    """As a chain has it. Problem for base58 whose checksum is wrong."""
    try:
        return text if text.startswith("0x") else from_base58check(text)
    except ValueError:
        raise Problem(400, "to: this is no address of TRON's.") from None
