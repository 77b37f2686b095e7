"""`/bot<token>/<method>`: who may call, which method it is, and the envelope of the answer."""

import secrets
from collections.abc import Callable

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.world.bad_gateway import BAD_GATEWAY
from sandbox.world.telegram import (
    albums,
    callbacks,
    channels,
    copies,
    editing,
    files,
    groups,
    menu_button,
    pinning,
    profile,
    sending,
    star_checkouts,
    star_invoices,
    star_ledger,
    topics,
    webhook,
)
from sandbox.world.telegram.bodies import Params, read_params
from sandbox.world.telegram.errors import ApiError, too_many_requests
from sandbox.world.telegram.parameters import require_known_parameters
from sandbox.world.world import World

Method = Callable[[World, Params], JsonValue]

# These write to chats, so a flood stops them; the others go on.
_WRITING: dict[str, Method] = {
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendinvoice": star_invoices.send_invoice,
    "sendchataction": sending.send_chat_action,
    "editmessagetext": editing.edit_message_text,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "editmessagemedia": editing.edit_message_media,
    "deletemessage": editing.delete_message,
    "deletemessages": editing.delete_messages,
    "sendmediagroup": albums.send_media_group,
    "copymessage": copies.copy_message,
    "copymessages": copies.copy_messages,
    "forwardmessage": copies.forward_message,
    "forwardmessages": copies.forward_messages,
}
_METHODS: dict[str, Method] = _WRITING | {
    "getme": profile.get_me,
    "setmycommands": profile.set_my_commands,
    "deletemycommands": profile.delete_my_commands,
    "getmycommands": profile.get_my_commands,
    "setmydescription": profile.set_my_description,
    "setmyshortdescription": profile.set_my_short_description,
    "setwebhook": webhook.set_webhook,
    "deletewebhook": webhook.delete_webhook,
    "getupdates": webhook.get_updates,
    "getwebhookinfo": webhook.get_webhook_info,
    "answercallbackquery": callbacks.answer_callback_query,
    "createinvoicelink": star_invoices.create_invoice_link,
    "answerprecheckoutquery": star_checkouts.answer_pre_checkout_query,
    "refundstarpayment": star_ledger.refund_star_payment,
    "getstartransactions": star_ledger.get_star_transactions,
    "getmystarbalance": star_ledger.get_my_star_balance,
    "getchat": channels.get_chat,
    "getchatmember": channels.get_chat_member,
    "getchatadministrators": channels.get_chat_administrators,
    "getchatmembercount": channels.get_chat_member_count,
    "getfile": files.get_file,
    "pinchatmessage": pinning.pin_chat_message,
    "unpinchatmessage": pinning.unpin_chat_message,
    "unpinallchatmessages": pinning.unpin_all_chat_messages,
    "setchatmenubutton": menu_button.set_chat_menu_button,
    "getchatmenubutton": menu_button.get_chat_menu_button,
    "leavechat": groups.leave_chat,
    "createforumtopic": topics.create_forum_topic,
    "editforumtopic": topics.edit_forum_topic,
    "closegeneralforumtopic": topics.close_general_forum_topic,
    "reopengeneralforumtopic": topics.reopen_general_forum_topic,
    "closeforumtopic": topics.close_forum_topic,
    "reopenforumtopic": topics.reopen_forum_topic,
    "deleteforumtopic": topics.delete_forum_topic,
}


def telegram_routes(world: World) -> list[Route]:
    async def call(request: Request) -> Response:
        if world.state.knobs.telegram == "down":
            return HTMLResponse(BAD_GATEWAY, status_code=502)
        try:
            result = await _call(world, request)
        except ApiError as error:
            return _failure(error)
        return JSONResponse({"ok": True, "result": result})

    async def download(request: Request) -> Response:
        try:
            _require_token(world, request)
        except ApiError as error:
            return _failure(error)
        file = world.state.files.get(request.path_params["file_id"])
        if file is None:
            return _failure(ApiError(404, "Not Found"))
        return Response(file.content, media_type="application/octet-stream")

    return [
        Route("/bot{token}/{method}", call, methods=["GET", "POST"]),
        Route("/file/bot{token}/{kind}/{file_id}", download),
    ]


def _require_token(world: World, request: Request) -> None:
    token = request.path_params["token"]
    if not secrets.compare_digest(token.encode(), world.config.bot_token.encode()):
        raise ApiError(401, "Unauthorized")


async def _call(world: World, request: Request) -> JsonValue:
    _require_token(world, request)
    name = request.path_params["method"].lower()
    method = _METHODS.get(name)
    if method is None:
        raise ApiError(404, "Not Found: method not found")
    params = await read_params(request)
    require_known_parameters(name, params)
    if world.state.knobs.telegram == "flood" and name in _WRITING:
        raise too_many_requests(world.state.knobs.telegram_retry_after)
    return method(world, params)


def _failure(error: ApiError) -> JSONResponse:
    content: dict[str, JsonValue] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    if error.parameters:
        content["parameters"] = dict[str, JsonValue](error.parameters)
    wait_seconds = error.parameters.get("retry_after")
    headers = {} if wait_seconds is None else {"Retry-After": str(wait_seconds)}
    return JSONResponse(content, status_code=error.code, headers=headers)
