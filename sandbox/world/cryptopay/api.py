"""`/cryptopay/api/<method>`: token, parameters and the envelope of the answer."""

import json
import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.world.bad_gateway import BAD_GATEWAY
from sandbox.world.cryptopay import account, invoices
from sandbox.world.cryptopay.errors import CryptoPayError
from sandbox.world.cryptopay.rates import ASSETS, FIATS, fiat_rate, plain
from sandbox.world.cryptopay.validation import Values, read_order, text, whole
from sandbox.world.world import World

_MAX_BODY_BYTES = 64 * 1024
_MOST_INVOICES = 1000
_DEFAULT_INVOICES = 100
_HIGHEST_OFFSET = 10**12
_HIGHEST_ID = 2**63 - 1


def create_invoice(world: World, values: Values) -> JsonValue:
    return invoices.create_invoice(world, read_order(values)).for_api()


def get_invoices(world: World, values: Values) -> JsonValue:
    invoices.expire_due(world)
    asset, fiat, status = (text(values, name) for name in ("asset", "fiat", "status"))
    if status not in (None, "active", "paid"):
        raise CryptoPayError("STATUS_INVALID")
    if asset not in (None, *ASSETS):
        raise CryptoPayError("UNSUPPORTED_ASSET")
    if fiat not in (None, *FIATS):
        raise CryptoPayError("UNSUPPORTED_FIAT")
    offset = whole(values, "offset", lowest=0, highest=_HIGHEST_OFFSET) or 0
    count = whole(values, "count", lowest=1, highest=_MOST_INVOICES) or _DEFAULT_INVOICES
    found = [
        invoice
        for invoice_id in _wanted_ids(world, values)
        if (invoice := world.state.invoices.get(invoice_id)) is not None
        and invoice.status != "deleted"
        and asset in (None, invoice.asset)
        and fiat in (None, invoice.fiat)
        and status in (None, invoice.status)
    ]
    return {"items": [invoice.for_api() for invoice in found[offset : offset + count]]}


def delete_invoice(world: World, values: Values) -> JsonValue:
    invoice_id = whole(values, "invoice_id", lowest=1, highest=_HIGHEST_ID)
    if invoice_id is None:
        raise CryptoPayError("INVOICE_ID_REQUIRED")
    invoices.delete(world, invoice_id)
    return True


def get_me(world: World, _values: Values) -> JsonValue:
    app_id = world.config.cryptobot_token.partition(":")[0]
    return {
        "app_id": int(app_id) if app_id.isdigit() else 1,
        "name": "Tollgate sandbox",
        "payment_processing_bot_username": "CryptoBot",
    }


def get_exchange_rates(_world: World, _values: Values) -> JsonValue:
    return [
        {
            "is_valid": True,
            "is_crypto": True,
            "is_fiat": False,
            "source": asset,
            "target": fiat,
            "rate": plain(fiat_rate(asset, fiat)),
        }
        for asset in ASSETS
        for fiat in FIATS
    ]


def nothing_there(_world: World, _values: Values) -> JsonValue:
    """Of what an app makes only once its owner has allowed it."""
    return {"items": []}


def not_allowed(_world: World, _values: Values) -> JsonValue:
    raise CryptoPayError("METHOD_DISABLED", 403)


_METHODS: dict[str, Callable[[World, Values], JsonValue]] = {
    "createInvoice": create_invoice,
    "getInvoices": get_invoices,
    "deleteInvoice": delete_invoice,
    "getMe": get_me,
    "getExchangeRates": get_exchange_rates,
    "getBalance": account.get_balance,
    "getStats": account.get_stats,
    "getCurrencies": account.get_currencies,
    "getChecks": nothing_there,
    "getTransfers": nothing_there,
    "createCheck": not_allowed,
    "deleteCheck": not_allowed,
    "transfer": not_allowed,
}


def cryptopay_routes(world: World) -> list[Route]:
    async def call(request: Request) -> Response:
        if world.state.knobs.crypto_pay == "down":
            return HTMLResponse(BAD_GATEWAY, status_code=502)
        try:
            result = await _call(world, request)
        except CryptoPayError as error:
            failure = {"code": error.code, "name": error.name}
            return JSONResponse({"ok": False, "error": failure}, status_code=error.code)
        return JSONResponse({"ok": True, "result": result})

    return [Route("/cryptopay/api/{method}", call, methods=["GET", "POST"])]


async def _call(world: World, request: Request) -> JsonValue:
    token = request.headers.get("Crypto-Pay-API-Token", "")
    if not secrets.compare_digest(token.encode(), world.config.cryptobot_token.encode()):
        raise CryptoPayError("UNAUTHORIZED", 401)
    if world.state.knobs.crypto_pay == "busy":
        raise CryptoPayError("TOO_MANY_REQUESTS", 429)
    method = _METHODS.get(request.path_params["method"])
    if method is None:
        raise CryptoPayError("METHOD_NOT_FOUND", 405)
    return method(world, await _read_values(request))


async def _read_values(request: Request) -> Values:
    values: Values = dict(request.query_params)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise CryptoPayError("REQUEST_TOO_LARGE", 413)
    if not body:
        return values
    if not request.headers.get("content-type", "").startswith("application/json"):
        return values | dict(parse_qsl(body.decode("utf-8", "replace")))
    try:
        parsed: JsonValue = json.loads(body)
    except ValueError:
        raise CryptoPayError("BODY_INVALID") from None
    if not isinstance(parsed, dict):
        raise CryptoPayError("BODY_INVALID")
    return values | parsed


def _wanted_ids(world: World, values: Values) -> list[int]:
    listed = text(values, "invoice_ids")
    if listed is None:
        return sorted(world.state.invoices, reverse=True)
    ids = [part.strip() for part in listed.split(",")]
    if not all(part.isascii() and part.isdigit() for part in ids):
        raise CryptoPayError("INVOICE_IDS_INVALID")
    return sorted({int(part[:20]) for part in ids}, reverse=True)
