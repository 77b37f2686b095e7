"""The cases of the Ethereum JSON-RPC specification: what is asked, and what a client answers.

The format is described in tests/data/execution-apis/README.md.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

ROOT: Final = Path(__file__).parents[1] / "data" / "execution-apis"

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SpecCase:
    """`name` is the path without its suffix: "eth_getLogs/contract-addr".

    `is_shape_only`: values differ from client to client, and only keys and types are promised.
    """

    name: str
    request: JsonObject
    response: JsonObject
    is_shape_only: bool

    @classmethod
    def read(cls, path: Path) -> Self:
        lines = path.read_text().splitlines()
        (request,) = (json.loads(line[3:]) for line in lines if line.startswith(">> "))
        (response,) = (json.loads(line[3:]) for line in lines if line.startswith("<< "))
        return cls(
            name=path.relative_to(ROOT).with_suffix("").as_posix(),
            request=request,
            response=response,
            is_shape_only=any(line.startswith("// speconly") for line in lines),
        )

    @property
    def method(self) -> str:
        return str(self.request["method"])

    @property
    def params(self) -> list[Any]:
        """Empty where the request has none."""
        return list(self.request.get("params", []))


def list_spec_cases(method: str = "*") -> list[SpecCase]:
    """Return all cases, or those of one method, by name."""
    return [SpecCase.read(path) for path in sorted(ROOT.glob(f"{method}/*.io"))]


def get_spec_case(name: str) -> SpecCase:
    """Return the case of this name, "eth_syncing/check-syncing" for one."""
    return SpecCase.read(ROOT / f"{name}.io")
