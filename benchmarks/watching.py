"""What it costs to watch transactions, whether 10 are watched or 100,000; beside it, polling them.

A real node behind a proxy that counts, the loop in a process of its own. Nothing is missed: after
every round that mines watched transactions, their states are looked at.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from statistics import median

from benchmarks.measures import milliseconds, print_table
from benchmarks.node import Node
from benchmarks.stage import Stage
from benchmarks.tracking import Cost, ServiceUnderTest, open_nodes, open_service_under_test, typical
from benchmarks.watchlist import made_up_hashes

TOTALS = (10, 1_000, 100_000)
ROUNDS, RIVAL_ROUNDS, PAIRS = 9, 3, 150
BLOCK = 150  # transactions in it
# Blocks since the last pass: more than Ethereum has in 6 s, as many as BSC in 3 s.
PACES = {"eth": 1, "bsc": 7}
BATCH = 40
DUE = 1_000  # of 100,000, each looked at every 10 minutes, in 6 s
HITS = (1, 10, 100)
UNTIL_FINAL = 10  # blocks; this node's epochs are short
MISSED_BLOCKS, MISSED_BLOCK = 1_000, 20
MISSED = {10: 10, 2_000: 200, 100_000: 200}  # of so many watched, so many were mined meanwhile

_COSTS = ("calls", "requests", "KiB", "CPU ms", "database ms")
ServicesUnderTest = dict[int, ServiceUnderTest]


async def run(stage: Stage) -> None:
    async with AsyncExitStack() as stack:
        nodes = await stack.enter_async_context(open_nodes())
        suts = {
            total: await stack.enter_async_context(open_service_under_test(stage, nodes))
            for total in TOTALS
        }
        rival = await stack.enter_async_context(open_service_under_test(stage, nodes))
        rest = await _settle(suts, nodes)
        quiet = await _pass_without_hits(suts, nodes)
        polled = await _poll_instead(rival)
        due = await _pass_with_due(suts[max(TOTALS)], nodes["eth"])
        mined = await _pass_with_mined(suts[max(TOTALS)], nodes["eth"])
        _print_passes(quiet, polled, {f"{DUE:,} of them due": due, "all mined, none final": mined})
        await _print_hits(suts[1_000], nodes["eth"])
        await _print_catching_up(suts, nodes["eth"])
        await _print_memory(suts, rest, nodes)
        await _print_pool(rival, nodes["eth"])


# --- without hits --------------------------------------------------------------------------------


async def _settle(suts: ServicesUnderTest, nodes: dict[str, Node]) -> dict[int, int]:
    """Their memory at rest: they have followed both chains for a while, and nobody watches."""
    rest = {}
    for _ in range(3):
        for chain, node in nodes.items():
            await node.mine(BLOCK)
            for total, sut in suts.items():
                rest[total] = (await sut.follow(chain)).rss
    for total, sut in suts.items():
        for chain in nodes:
            await sut.watchlist.fill(chain, made_up_hashes(total))
    return rest


async def _pass_without_hits(
    suts: ServicesUnderTest, nodes: dict[str, Node]
) -> dict[tuple[str, int], list[Cost]]:
    costs: dict[tuple[str, int], list[Cost]] = {(c, t): [] for c in nodes for t in suts}
    for _ in range(ROUNDS):
        for chain, node in nodes.items():
            for _ in range(PACES[chain]):
                await node.mine(BLOCK)
            for total, sut in suts.items():
                costs[chain, total].append(await sut.follow(chain))
    return costs


async def _poll_instead(rival: ServiceUnderTest) -> dict[tuple[int, int], list[Cost]]:
    costs: dict[tuple[int, int], list[Cost]] = {}
    for _ in range(RIVAL_ROUNDS):
        for batch in (1, BATCH):
            for total in TOTALS[:2]:
                polled = await rival.poll("eth", total, batch)
                costs.setdefault((total, batch), []).append(polled)
    costs[max(TOTALS), BATCH] = [await rival.poll("eth", max(TOTALS), BATCH)]
    return costs


async def _pass_with_due(sut: ServiceUnderTest, node: Node) -> list[Cost]:
    waiting = await node.queue(DUE)
    await sut.watchlist.fill("eth", waiting)
    costs = []
    for _ in range(RIVAL_ROUNDS):
        await node.mine(BLOCK)
        await sut.watchlist.make_due("eth", waiting)
        costs.append(await sut.follow("eth"))
    await _require(sut, waiting, {"pending"})
    return costs


async def _pass_with_mined(sut: ServiceUnderTest, node: Node) -> list[Cost]:
    """Without a new block, which would make some of them final."""
    tags = [await node.anvil.get_block(tag) for tag in ("finalized", "safe", "latest")]
    await sut.watchlist.mine("eth", *(int(block["number"], 16) for block in tags))
    return [await sut.follow("eth") for _ in range(ROUNDS)]


def _print_passes(
    quiet: dict[tuple[str, int], list[Cost]],
    polled: dict[tuple[int, int], list[Cost]],
    others: dict[str, list[Cost]],
) -> None:
    rows = [
        [f"{chain}, new blocks: {PACES[chain]}", f"{total:,}", *_cells(typical(costs))]
        for (chain, total), costs in quiet.items()
    ]
    for words, costs in others.items():
        rows.append([f"eth, {words}", f"{max(TOTALS):,}", *_cells(typical(costs))])
    for batch, words in ((1, "a receipt each"), (BATCH, f"{BATCH} receipts in a request")):
        for total in TOTALS:
            if (total, batch) in polled:
                cells = _cells(typical(polled[total, batch]))
            else:  # takes too long; no two receipts differ
                sample = max(size for size, of in polled if of == batch)
                cells = _cells(typical(polled[sample, batch]), times=total // sample)
            rows.append([f"polling, {words}", f"{total:,}", *cells])
    print_table(
        f"One pass without hits, blocks of {BLOCK} transactions ({ROUNDS} rounds in turn; medians)",
        ["", "watched", *_COSTS],
        rows,
    )


def _cells(cost: Cost, times: int = 1) -> list[str]:
    traffic = cost.traffic
    database = milliseconds(cost.database) if cost.passes else ""
    return [
        f"{traffic.calls * times:,}",
        f"{traffic.requests * times:,}",
        _kib(traffic.passed_bytes * times),
        f"{cost.cpu * 1000 * times:,.1f}",
        database,
    ]


def _kib(count: int) -> str:
    return f"{count / 1024:,.1f}"


# --- hits ----------------------------------------------------------------------------------------


async def _print_hits(sut: ServiceUnderTest, node: Node) -> None:
    rows = []
    for hits in HITS:
        mined, later = [], []
        for _ in range(RIVAL_ROUNDS):
            hashes = (await node.mine(BLOCK))[:hits]
            await sut.watchlist.fill("eth", hashes)
            mined.append(await sut.follow("eth"))
            await _require(sut, hashes, {"mined"})
            later.append(await _count_later_calls(sut, node))
            await _require(sut, hashes, {"final"})
        more = f"{median(later) / hits:.1f}"
        rows.append([str(hits), *_cells(typical(mined)), more])
    head = ["hits", *_COSTS, "more calls for each until final"]
    print_table(
        f"A block of {BLOCK} with hits, 1,000 watched ({RIVAL_ROUNDS} rounds; medians)",
        head,
        rows,
    )


async def _count_later_calls(sut: ServiceUnderTest, node: Node) -> int:
    """Beyond the heads, which every pass asks for."""
    calls = 0
    for _ in range(UNTIL_FINAL):
        await node.mine(0)
        calls += (await sut.follow("eth")).traffic.calls - 3
    return calls


async def _require(sut: ServiceUnderTest, hashes: Sequence[str], states: set[str]) -> None:
    found = await sut.watchlist.states("eth", hashes)
    if found.keys() != states or sum(found.values()) != len(hashes):
        raise RuntimeError(f"{len(hashes)} should be {states}, and are {dict(found)}")


# --- catching up ---------------------------------------------------------------------------------


async def _print_catching_up(suts: ServicesUnderTest, node: Node) -> None:
    lots = dict(zip(MISSED, suts.values(), strict=True))
    for sut in lots.values():
        await sut.watchlist.empty()
        await sut.follow("eth")
    mined = [(await node.mine(MISSED_BLOCK))[0] for _ in range(MISSED_BLOCKS)]
    rows = []
    for total, sut in lots.items():
        step = MISSED_BLOCKS // MISSED[total]
        hashes = mined[::step]
        await sut.watchlist.fill("eth", [*made_up_hashes(total - len(hashes)), *hashes])
        cost = await sut.follow("eth")
        pending = await sut.watchlist.count_pending("eth")
        if pending != total - len(hashes):
            raise RuntimeError(f"{pending} are pending instead of {total - len(hashes)}")
        await _require_notified(sut, hashes)
        cells = [f"{cost.seconds:.1f}", f"{cost.passes}", "0"]
        rows.append([f"{total:,}", str(len(hashes)), *_cells(cost), *cells])
    print_table(
        f"Catching up with {MISSED_BLOCKS:,} missed blocks of {MISSED_BLOCK} transactions",
        ["watched", "mined meanwhile", *_COSTS, "seconds", "passes", "missed"],
        rows,
    )


async def _require_notified(sut: ServiceUnderTest, hashes: Sequence[str]) -> None:
    states = await sut.watchlist.states("eth", hashes)
    seen = sum(states.get(state, 0) for state in ("mined", "confirmed", "safe", "final"))
    notifications = await sut.watchlist.count_notified(hashes)
    if seen != len(hashes) or notifications != len(hashes):
        raise RuntimeError(
            f"of {len(hashes)} {notifications} were notified of; they are {dict(states)}"
        )


async def _print_memory(
    suts: ServicesUnderTest, rest: dict[int, int], nodes: dict[str, Node]
) -> None:
    """At the end: with everything in it that was measured before."""
    rows = []
    for total, sut in suts.items():
        costs = [await sut.follow(chain) for chain in nodes]
        most = max(cost.most_rss for cost in costs)
        megabytes = [rest[total], most, most - rest[total]]
        rows.append([f"{total:,}", *(f"{count / 1_000_000:.1f}" for count in megabytes)])
    head = ["watched on each of two chains", "at rest, MB", "most, MB", "growth, MB"]
    print_table("Resident memory of the process that follows, up to here", head, rows)


# --- the pool ------------------------------------------------------------------------------------


async def _print_pool(rival: ServiceUnderTest, node: Node) -> None:
    hashes = await node.mine(BLOCK)
    kinds: dict[str, list[tuple[str, list[object]]]] = {
        "eth_blockNumber": [("eth_blockNumber", [])],
        f"a block of {BLOCK} hashes": [("eth_getBlockByNumber", ["latest", False])],
        f"{BATCH} receipts, one batch": [
            ("eth_getTransactionReceipt", [one]) for one in hashes[:BATCH]
        ],
    }
    rows = []
    for words, asked in kinds.items():
        calls = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            for number, (method, params) in enumerate(asked)
        ]
        pairs = await rival.compare(node.anvil.url, calls, PAIRS)
        pooled, cpu, plain, plain_cpu = (median(side) for side in zip(*pairs, strict=True))
        ratio = median(pair[0] / pair[2] for pair in pairs)
        cells = [milliseconds(pooled), milliseconds(plain), f"{ratio:.2f}"]
        rows.append([words, *cells, f"{cpu / plain_cpu:.2f}"])
    print_table(
        f"A call through the pool and through httpx alone ({PAIRS} pairs in turn; medians)",
        ["", "pool ms", "httpx ms", "ratio", "ratio of CPU"],
        rows,
    )
