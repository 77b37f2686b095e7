"""Starts the whole shop on one machine: two servers, the world, the service; and ends them."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import structlog

from app.core.panel_kinds import PanelKind
from sandbox.data_folder import DataFolder
from sandbox.demo import fill_shop
from sandbox.processes import SandboxError
from sandbox.service import ServiceProcess
from sandbox.world import SnapshotError, WorldConfig, serve_world
from sandbox.world.panel.kinds import get_panel_settings
from sandbox.world.state import WorldState

_HOST = "127.0.0.1"
_TICK_SECONDS = 0.5
_TICKS_BETWEEN_SNAPSHOTS = 20
# They open nothing but this sandbox, and stay the same so that the next start finds its world:
# Telegram's side of it remembers the bot's id and the secret of the webhook.
_CREDENTIALS = {
    "BOT_TOKEN": "7000001:sandbox-bot-token",
    "WEBHOOK_SECRET": "s7Nd-b0x_Wk4hQz9vTm2RcLp",
    "WEBHOOK_SECRET_PREVIOUS": "sandbox-webhook-secret",  # of worlds made before 0.2
    "CRYPTOBOT_TOKEN": "5001:sandbox-crypto-pay-token",
    "ADMIN_WEB_SECRET": "aW3d-x7Kq_Vt9mRz2LcYp4Hs",
    "ONCHAIN_SECRET": "oC4n-h8Lr_Wu2pSx6NdZq1Jt",
    # The shop's own, which hold coins of the sandbox alone.
    "ONCHAIN_EVM_ADDRESS": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "ONCHAIN_TRON_ADDRESS": "TLK3FuLcE6pHwz98ChY3B66HJZZCH9bje5",
}
_PANEL_KEY = "sandbox-panel-key"
# Of the panel beside the first one: its row, and the variable with its key.
_SECOND_PANEL = "second"
_SECOND_KEY_VARIABLE = "VPN_SECOND_KEY"
_PANEL_WEBHOOK_SECRET = "sandb0xW" * 8
# To try; made at the first start.
_PROMO_CODES = ("WELCOME20 percent 20", "FREE100 percent 100", "WEEK days 7")
_EXTRAS = ("traffic 50 1.49", "traffic 200 3.99", "devices 1 0.99")
# A developer who tries things out waits for seconds, not for minutes.
_WORKER_INTERVALS = {
    f"{worker}_INTERVAL_SECONDS": "5"
    for worker in ("ACTIVATION", "CRYPTO_PAYMENT_WATCHER", "FAST_EXPIRY_CLEANUP")
} | {"TX_MONITOR_INTERVAL_SECONDS": "1"}


def run_sandbox(
    port: int, service_port: int, data_dir: Path, panels: Sequence[PanelKind], *, fresh: bool
) -> int:
    """Run until Ctrl-C or SIGTERM and return the exit code; problems are written to stderr."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    # Before the loop runs: what a signal interrupts is unwound, as at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _require_different(panels)
        _require_free(port, service_port)
        folder = DataFolder(data_dir)
        with folder.held():
            if fresh:
                folder.forget()
            _run(folder, port, service_port, panels)
    except SandboxError as error:
        print(f"\nThe sandbox stopped. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted while starting.", file=sys.stderr)
    return 0


def _run(folder: DataFolder, port: int, service_port: int, panels: Sequence[PanelKind]) -> None:
    with ExitStack() as stack:
        postgres, valkey = folder.servers()
        print("Preparing PostgreSQL and Valkey ...", flush=True)
        for server in (postgres, valkey):
            stack.callback(server.stop)
            stack.callback(_ignore_signals)
            server.start()
        urls = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
        asyncio.run(_serve(folder, port, service_port, panels, urls))
        print("Stopping Valkey and PostgreSQL ...", flush=True)


async def _serve(
    folder: DataFolder,
    port: int,
    service_port: int,
    panels: Sequence[PanelKind],
    urls: dict[str, str],
) -> None:
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    folder.trim_log()
    service = ServiceProcess(
        port=service_port,
        log=folder.service_log,
        environment_file=folder.environment_file,
        settings=_settings(port, service_port, panels) | urls,
        stopping=stopping,
    )
    config = _world_config(port, service_port, service, panels)
    config.on_fill = partial(fill_shop, urls["DATABASE_URL"])
    print(f"Starting the world on http://{_HOST}:{port} ...", flush=True)
    try:
        async with serve_world(config, port=port, snapshot=folder.read_snapshot()) as server:
            _require_panels(server.world.state, panels, folder)
            try:
                print("Starting the service ...", flush=True)
                await service.start(server.world.clock.offset_seconds)
                await _describe_second_panel(service, port, panels)
                await _offer_goods(service, stopping)
                if not stopping.is_set():
                    print(_banner(folder, port, service_port, urls), flush=True)
                ticks = 0
                while not stopping.is_set():
                    _look_after(service)
                    if ticks % _TICKS_BETWEEN_SNAPSHOTS == 0:
                        folder.write_snapshot(server.world.snapshot())
                    ticks += 1
                    await _pause(stopping)
            finally:
                print("\nStopping the service ...", flush=True)
                await service.stop()
                folder.environment_file.unlink(missing_ok=True)
                folder.write_snapshot(server.world.snapshot())
    except SnapshotError as error:
        raise SandboxError(
            f"The world's memory in {folder.path} can't be read ({error}): --fresh starts over."
        ) from error


async def _describe_second_panel(
    service: ServiceProcess, port: int, panels: Sequence[PanelKind]
) -> None:
    """As an operator adds one; a shop that goes on has it already."""
    for kind in panels[1:]:
        url = get_panel_settings(kind, f"http://{_HOST}:{port}", _PANEL_KEY)["VPN_API_URL"]
        words = ("--kind", kind, "--url", url, "--key-variable", _SECOND_KEY_VARIABLE)
        exit_code, said = await service.command("panels", "add", _SECOND_PANEL, *words)
        if exit_code and "already" in said:
            exit_code, said = await service.command("panels", "edit", _SECOND_PANEL, "--url", url)
        if exit_code:
            print(f"The second panel was not added: {said}", file=sys.stderr, flush=True)


async def _offer_goods(service: ServiceProcess, stopping: asyncio.Event) -> None:
    if stopping.is_set():
        return
    lines = [f"promo add {code}" for code in _PROMO_CODES]
    lines += [f"extras add {extra}" for extra in _EXTRAS]
    answers = await service.commands([line.split() for line in lines])
    for line, (exit_code, said) in zip(lines, answers, strict=True):
        if exit_code and "exists already" not in said:
            print(f"“{line}” was refused: {said}", file=sys.stderr, flush=True)


def _look_after(service: ServiceProcess) -> None:
    for complaint in service.complaints():
        print(f"service: {complaint}", file=sys.stderr, flush=True)
    exit_code = service.revive()
    if exit_code is not None:
        print(f"The service died (exit code {exit_code}) and is started again.", file=sys.stderr)


async def _pause(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), _TICK_SECONDS)


def _settings(port: int, service_port: int, panels: Sequence[PanelKind]) -> dict[str, str]:
    world = f"http://{_HOST}:{port}"
    return {
        **_CREDENTIALS,
        **_WORKER_INTERVALS,
        "ADMIN_IDS": ",".join(str(person_id) for person_id in WorldConfig.admin_ids),
        "WEBHOOK_URL": f"http://{_HOST}:{service_port}/telegram/webhook",
        "TELEGRAM_API_URL": world,
        "CRYPTOBOT_API_URL": f"{world}/cryptopay",
        **get_panel_settings(panels[0], world, _PANEL_KEY),
        _SECOND_KEY_VARIABLE: get_panel_settings(panels[-1], world, _PANEL_KEY)["VPN_API_KEY"],
        "VPN_WEBHOOK_SECRET": _PANEL_WEBHOOK_SECRET,
        "ETH_RPC_URLS": f"{world}/chains/eth/1,{world}/chains/eth/2",
        "TRON_RPC_URLS": f"{world}/chains/tron/1/jsonrpc,{world}/chains/tron/2/jsonrpc",
        "BSC_RPC_URLS": f"{world}/chains/bsc/1,{world}/chains/bsc/2",
        "CELLFRAME_RPC_URLS": f"{world}/chains/cf",
        "HOST": _HOST,
        "PORT": str(service_port),
        "LOG_FORMAT": "json",
        "SHUTDOWN_GRACE_SECONDS": "5",
    }


def _world_config(
    port: int, service_port: int, service: ServiceProcess, panels: Sequence[PanelKind]
) -> WorldConfig:
    address = f"http://{_HOST}:{service_port}"
    return WorldConfig(
        bot_token=_CREDENTIALS["BOT_TOKEN"],
        cryptobot_token=_CREDENTIALS["CRYPTOBOT_TOKEN"],
        panel_key=_PANEL_KEY,
        panel=panels[0],
        second_panel=panels[1] if len(panels) > 1 else None,
        cryptobot_webhook_url=f"{address}/webhooks/cryptobot",
        remnawave_webhook_url=f"{address}/webhooks/remnawave",
        remnawave_webhook_secret=_PANEL_WEBHOOK_SECRET,
        service_url=address,
        on_skip=service.restart,
        mines_blocks=True,
        public_url=f"http://{_HOST}:{port}",
    )


def _require_different(panels: Sequence[PanelKind]) -> None:
    if len(panels) != len(set(panels)):
        raise SandboxError("The world has one panel of each kind: choose another --second-panel.")


def _require_panels(state: WorldState, wanted: Sequence[PanelKind], folder: DataFolder) -> None:
    """The keys of its users lead to the panels that it has; a second one may come later."""
    if state.second_panel is None and len(wanted) > 1:
        state.second_panel = wanted[1]
    served_by = [kind for kind in (state.panel, state.second_panel) if kind is not None]
    if served_by != [*wanted]:
        options = zip(("--panel", "--second-panel"), served_by, strict=False)
        words = " ".join(f"{option} {kind}" for option, kind in options)
        raise SandboxError(
            f"The shop in {folder.path} is served by {' and '.join(served_by)}: go on with "
            f"{words}, start over with --fresh, or choose another folder with --data-dir."
        )


def _require_free(port: int, service_port: int) -> None:
    if port == service_port:
        raise SandboxError(f"--port and --service-port are both {port}: choose two.")
    for wanted, option in ((port, "--port"), (service_port, "--service-port")):
        try:
            socket.create_server((_HOST, wanted)).close()
        except OSError as error:
            raise SandboxError(
                f"Port {wanted} is taken by another program: choose another one with {option}."
            ) from error


def _ignore_signals() -> None:
    """A second Ctrl-C must not leave a server behind."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)


def _banner(folder: DataFolder, port: int, service_port: int, urls: dict[str, str]) -> str:
    where = "" if folder.path == Path(".sandbox").resolve() else f"--data-dir {folder.path} "
    return f"""
  Tollgate's sandbox is ready:  http://{_HOST}:{port}

  The service itself:           http://{_HOST}:{service_port}/health
  The operator's web:           http://{_HOST}:{service_port}/admin (Olga's: /admin in her chat)
  Its log:                      {folder.service_log}
  Its database:                 {urls["DATABASE_URL"]}
  Its whole environment:        {folder.environment_file}
  Commands in it:               python main.py sandbox {where}exec -- plans list
  5,000 users and their orders: python main.py sandbox {where}fill
  Promo codes to try:           {", ".join(code.split()[0] for code in _PROMO_CODES)}
  Ctrl-C ends it. Your data stays in {folder.path}; --fresh starts over.
"""
