"""Checks inline keyboards as Telegram does, and shapes them as it gives them back."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from pydantic import JsonValue

from sandbox.world.json_types import JsonObject
from sandbox.world.telegram.bodies import Params
from sandbox.world.telegram.errors import bad_request

_MAX_CALLBACK_DATA_BYTES = 64
_MAX_COPY_TEXT_LENGTH = 256
_MAX_BUTTONS = 100
_SCHEMES = {"http", "https", "tg", "ton", "tel"}
_SWITCHES = (
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
)
_OTHER_KEYBOARDS = ("keyboard", "remove_keyboard", "force_reply")


def read_inline_keyboard(params: Params) -> JsonObject | None:
    """None without a keyboard, also for reply keyboards, which a message does not show."""
    is_private = (params.integer("chat_id") or 0) > 0
    rows = _read_rows(params)
    forbidden = {"pay"} if is_private else {"pay", "web_app"}
    if any(forbidden & button.keys() for row in rows for button in row):
        raise bad_request("BUTTON_TYPE_INVALID")
    return _shaped(rows) if rows else None


def read_invoice_keyboard(params: Params, stars: int) -> JsonObject:
    """With a button to pay in the first place, which Telegram adds where there are none."""
    rows = _read_rows(params) or [[{"text": f"Pay ⭐️{stars}", "pay": True}]]
    if "pay" not in rows[0][0]:
        raise bad_request("REPLY_MARKUP_BUY_EMPTY")
    return _shaped(rows)


def _shaped(rows: list[list[JsonObject]]) -> JsonObject:
    return {"inline_keyboard": [list[JsonValue](row) for row in rows]}


def _read_rows(params: Params) -> list[list[JsonObject]]:
    markup = params.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        if not markup or any(name in markup for name in _OTHER_KEYBOARDS):
            return []
        raise bad_request("object expected as reply markup")
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    checked = [_row(row) for row in rows]
    if sum(len(row) for row in checked) > _MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return [row for row in checked if row]


def _row(row: JsonValue) -> list[JsonObject]:
    if not isinstance(row, list):
        raise bad_request(
            "can't parse inline keyboard button: inline keyboard must be array of arrays"
        )
    return [_button(button) for button in row]


def _button(button: JsonValue) -> JsonObject:
    if not isinstance(button, dict):
        raise _bad_button("InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise _bad_button('Can\'t find field "text"')
    if not text.strip():
        raise bad_request("keyboard button text must be non-empty")
    look = {name: button[name] for name in ("style", "icon_custom_emoji_id") if name in button}
    return {"text": text.strip()} | look | _action(button)


def _action(button: JsonObject) -> JsonObject:
    """Of several the first one in the server's own order, which begins with `url`."""
    url = button.get("url")
    if isinstance(url, str) and url:
        return {"url": require_button_url(url)}
    data = button.get("callback_data")
    if isinstance(data, str) and data:
        if len(data.encode()) > _MAX_CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"callback_data": data}
    if "pay" in button:
        return {"pay": True}
    for name in _SWITCHES:
        if name in button:
            return {name: button[name]}
    for name in ("login_url", "web_app", "copy_text"):
        value = button.get(name)
        if isinstance(value, dict):
            return _nested_action(name, value)
    raise _bad_button("Text buttons are unallowed in the inline keyboard")


def _nested_action(name: str, value: JsonObject) -> JsonObject:
    if name == "copy_text":
        text = value.get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= _MAX_COPY_TEXT_LENGTH:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        return {"copy_text": {"text": text}}
    url = value.get("url")
    if name == "login_url" and isinstance(url, str):
        return {"url": require_button_url(url)}  # as it looks to everybody but its reader
    if not isinstance(url, str) or not is_reachable_web_url(url):
        raise bad_request(
            "inline keyboard button Web App URL is invalid: Only HTTPS links are allowed"
        )
    return {"web_app": {"url": url}}


def require_button_url(url: str) -> str:
    parts = _split(url if "://" in url or url.startswith("tel:") else f"http://{url}")
    if parts is None:
        raise _bad_url(url, "Wrong HTTP URL")
    if parts.scheme not in _SCHEMES:
        raise _bad_url(url, "Unsupported URL protocol")
    web = parts.scheme in {"http", "https"}
    if web and "." not in (parts.hostname or "") and not is_loopback(parts.hostname or ""):
        raise _bad_url(url, "Wrong HTTP URL")
    return parts.geturl()


def is_reachable_web_url(url: str) -> bool:
    """https, or http to this machine, which only the sandbox allows."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _bad_button(text: str) -> Exception:
    return bad_request(f"can't parse inline keyboard button: {text}")


def _bad_url(url: str, text: str) -> Exception:
    return bad_request(f"inline keyboard button URL '{url}' is invalid: {text}")
