"""The head of an EVM chain, and up to where an endpoint calls it safe and final."""

import contextlib
import time
from typing import Final

from pydantic import ValidationError

from app.clients.chains.evm import calls
from app.clients.chains.evm.models import BlockModel
from app.clients.chains.evm.parsing import require_answer
from app.clients.chains.rpc.calls import RpcAnswer, RpcRefusal
from app.clients.chains.rpc.pool import Pinned
from app.domain.chain_ports import Block, Heads

_SECONDS: Final = 60  # a node that was just started learns them


class UnknownTags:
    """Which endpoint knows no `safe` or `finalized`, so that it is not asked every pass."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def add(self, endpoint: str, tag: str) -> None:
        self._until[endpoint, tag] = time.monotonic() + _SECONDS

    def has(self, endpoint: str, tag: str) -> bool:
        return time.monotonic() < self._until.get((endpoint, tag), 0)


async def get_heads(pinned: Pinned, unknown_tags: UnknownTags, *, has_safe_tag: bool) -> Heads:
    wanted = ("safe", "finalized") if has_safe_tag else ("finalized",)
    tags = [tag for tag in wanted if not unknown_tags.has(pinned.name, tag)]
    asked = [calls.LATEST_BLOCK, *(calls.make_tagged_block_call(tag) for tag in tags)]
    head, *answers = await pinned.call_many(asked)
    latest = require_answer(pinned, BlockModel, calls.LATEST_BLOCK, head).to_block()
    pinned.note_head(latest.number)
    known = {
        tag: _read_tag(pinned, unknown_tags, tag, answer)
        for tag, answer in zip(tags, answers, strict=True)
    }
    return Heads(
        latest,
        safe=_at_most(latest, known.get("safe")),
        final=_at_most(latest, known.get("finalized")),
        final_at=final.at if (final := known.get("finalized")) else None,
    )


def _read_tag(
    pinned: Pinned, unknown_tags: UnknownTags, tag: str, answer: RpcAnswer
) -> Block | None:
    if answer is None or isinstance(answer, RpcRefusal):
        unknown_tags.add(pinned.name, tag)
        return None
    call = calls.make_tagged_block_call(tag)
    return require_answer(pinned, BlockModel, call, answer).to_block()


def _at_most(latest: Block, block: Block | None) -> int | None:
    """The answers of a batch may be a moment apart."""
    return None if block is None else min(block.number, latest.number)


async def list_tagged_elsewhere(pinned: Pinned, tag: str) -> list[Block]:
    """What the other endpoints answer."""
    blocks = []
    for answer in await pinned.ask_others(calls.make_tagged_block_call(tag)):
        with contextlib.suppress(ValidationError):  # refused, null or unreadable
            blocks.append(BlockModel.model_validate(answer).to_block())
    return blocks
