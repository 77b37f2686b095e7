"""What the framework's models refuse, posted to the webhook: it is answered all the same."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.api.telegram_webhook import TelegramWebhook, create_telegram_routes
from app.api.update_intake import UpdateHooks, UpdateIntake
from app.api.webhook_activity import WebhookActivity
from app.clients.balance import Balance
from app.clients.cache.seen_updates import LocalSeenUpdates
from app.core.supervisor import TaskSupervisor
from app.db.models import EventOutcome, ExternalEvent, GroupChat, OutboxMessage, Purchase
from app.domain.payments import PurchaseStatus, build_invoice_payload
from app.services.notifications.notify import resolve_operators
from app.services.payments.events import receive_unreadable_stars_payment
from app.services.payments.methods import PaymentMethods
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import labels
from tests.bot.test_stars import AnsweredCheckouts, buy, listening, rows, the_order
from tests.support.fakes import FakePanel
from tests.support.payback import PayingBack

SECRET = "k7Qw-Zr4Tn9s_Xb2LmPv8Hd3"
HUGE = 10**20
FORWARDED = {"type": "community", "date": 1}
Post = Callable[[bytes | dict[str, Any]], Awaitable[int]]


async def _kept(_update: str, error: BaseException) -> None:
    raise error


async def _slow(_update: object) -> None: ...


@pytest.fixture
async def shop(closed_shop: BotUnderTest) -> BotUnderTest:
    closed_shop.change(payment_methods=PaymentMethods([PayingBack(), Balance()]), panel=FakePanel())
    listening(closed_shop)
    return closed_shop


@pytest.fixture
async def post(shop: BotUnderTest, supervisor: TaskSupervisor) -> AsyncIterator[Post]:
    """The status of the answer to an update."""
    hooks = UpdateHooks(
        feed=lambda update, body: shop.dispatcher.feed_update(shop.bot, update, raw_update=body),
        store_failed=_kept,
        send_late_notice=_slow,
    )
    webhook = TelegramWebhook(
        shop.bot,
        UpdateIntake(
            hooks,
            LocalSeenUpdates(),
            supervisor,
            max_concurrent=5,
            feed_timeout=timedelta(seconds=20),
        ),
        WebhookActivity(),
        secrets=[SECRET],
        store_unreadable_payment=partial(receive_unreadable_stars_payment, shop.deps.db),
        is_active=lambda: True,
    )
    app = Starlette(routes=[*create_telegram_routes(webhook)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield partial(_post, client)


async def _post(client: httpx.AsyncClient, update: bytes | dict[str, Any]) -> int:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    return (await client.post("/telegram/webhook", content=body, headers=headers)).status_code


def message(text: str | None = "/menu", **more: object) -> dict[str, Any]:
    return {
        "message_id": 1,
        "date": 1795898000,
        "from": {"id": BEN, "is_bot": False, "first_name": "Ben"},
        "chat": {"id": BEN, "type": "private"},
        **({"text": text} if text else {}),
        **more,
    }


def payment(purchase: Purchase, **changes: object) -> dict[str, object]:
    return {
        "currency": "XTR",
        "total_amount": 300,
        "invoice_payload": build_invoice_payload(purchase.id, purchase.user_id),
        "telegram_payment_charge_id": "stx1",
        "provider_payment_charge_id": "p",
        **changes,
    }


@pytest.mark.parametrize(
    "odd",
    [
        {"forward_origin": FORWARDED},  # cases/telegram/04
        {"forward_origin": "somewhere"},
        {"external_reply": {"origin": FORWARDED}},
        {"quote": {"text": 5}},
        {"reply_markup": {"inline_keyboard": [[{"text": "x", "pay": {}}]]}},
        {"via_bot": {"id": 5}},
        {"sender_chat": {"id": 5, "type": "planet"}},
        {"reply_to_message": message(forward_origin=FORWARDED)},
        {"reply_to_message": {"message_id": "x"}},
        {"pinned_message": {}},
        {"photo": [{"file_id": 1}], "document": []},
        {"entities": [{"type": "bot_command", "offset": 0, "length": 5}, {"type": "tomorrow"}]},
        {"entities": "none"},
        {"is_topic_message": "perhaps", "message_thread_id": {}},
        {"chat": {"id": BEN, "type": "planet", "title": 5}},
        {"from": {"id": BEN, "first_name": "Ben"}},
        {"from": {"id": BEN, "is_bot": 0, "first_name": None, "language_code": 1}},
        {"from": {"id": str(BEN), "is_bot": False, "first_name": "Ben", "added": {"x": []}}},
        {"date": None},
        {"date": "today"},
        {"date": HUGE},
        {"message_id": HUGE},
        {"message_thread_id": HUGE, "views": -HUGE},
        {"edit_date": 1e300},
        {"suggested_post_info": {"state": 1}, "gift": {"gift": []}, "poll": {"type": "x"}},
    ],
)
async def test_a_message_with_an_odd_part_is_answered(
    shop: BotUnderTest, post: Post, odd: dict[str, Any]
) -> None:
    """P8."""
    assert await post({"update_id": 4, "message": message() | odd}) == 200

    assert "🔑 My subscription" in labels(shop.ben.screen)


@pytest.mark.parametrize(
    "name",
    [
        rb"A\ud83d",  # cases/telegram/05
        rb"\ude00A",
        rb"A\u0000",
        b"A\xff",
        b"A\xed\xa0\xbd",
    ],
)
async def test_half_a_character_is_no_reason_for_silence(
    shop: BotUnderTest, post: Post, name: bytes
) -> None:
    """P8."""
    body = json.dumps({"update_id": 5, "message": message("/start")}).encode()

    assert await post(body.replace(b'"Ben"', b'"' + name + b'"')) == 200

    assert "A" in shop.ben.text


@pytest.mark.parametrize(
    "odd",
    [
        {"message": None},
        {"message": message(forward_origin=FORWARDED)},
        {"message": {"message_id": 1, "chat": {"id": BEN, "type": "private"}}},
        {"message": {"chat": {"id": BEN, "type": "private"}, "date": 5}},
        {"message": {"message_id": HUGE, "chat": {"id": BEN, "type": "private"}, "date": 5}},
        {"message": "gone"},
        {"chat_instance": None},
        {"chat_instance": 5, "game_short_name": {}},
    ],
)
async def test_a_tap_with_an_odd_part_is_answered(
    shop: BotUnderTest, post: Post, odd: dict[str, Any]
) -> None:
    """P8."""
    tap = {
        "id": "77",
        "from": message()["from"],
        "chat_instance": "1",
        "data": "menu",
        "message": message(),
    }

    assert await post({"update_id": 6, "callback_query": tap | odd}) == 200

    assert [answer.callback_query_id for answer in shop.taps.answers] == ["77"]


def _membership(**new: object) -> dict[str, Any]:
    bot = {"id": 7000001, "is_bot": True, "first_name": "Bot"}
    change = {
        "chat": {"id": -1001, "type": "supergroup", "title": "G"},
        "from": message()["from"],
        "date": 1,
        "old_chat_member": {"user": bot, "status": "member"},
        "new_chat_member": {"user": bot, "is_member": True, "until_date": 0, **new},
    }
    return {"update_id": 3, "my_chat_member": change}


@pytest.mark.parametrize(
    ("new", "old", "is_inside"),
    [
        # cases/telegram/03: without can_react_to_messages and can_edit_tag
        ({"status": "restricted", "can_send_messages": True}, None, True),
        ({"status": "restricted"}, None, True),
        ({"status": "restricted", "is_member": False}, None, False),
        ({"status": "restricted", "can_send_messages": "some", "until_date": None}, None, True),
        ({"status": "administrator", "can_be_edited": {}}, None, True),
        ({"status": "member", "tag": 5}, {"status": "tomorrow"}, True),
        ({"status": "kicked", "until_date": HUGE}, None, False),
        ({"status": "left"}, {}, False),
    ],
)
async def test_a_membership_with_odd_rights_is_noted(
    shop: BotUnderTest,
    post: Post,
    new: dict[str, object],
    old: dict[str, object] | None,
    *,
    is_inside: bool,
) -> None:
    await post(_membership(status="member"))
    update = _membership(**new) | {"update_id": 4}
    if old is not None:
        update["my_chat_member"]["old_chat_member"] = old

    assert await post(update) == 200

    (group,) = await rows(shop, GroupChat)
    assert (group.left_at is None) is is_inside


@pytest.mark.parametrize(
    ("message_changes", "payment_changes"),
    [
        ({"forward_origin": FORWARDED}, {}),
        ({"chat": None}, {}),
        ({"chat": None, "from": None}, {}),
        ({"from": {"id": HUGE}, "date": None, "message_id": "x"}, {}),
        ({}, {"provider_payment_charge_id": None}),
        ({}, {"order_info": 5, "shipping_option_id": [], "is_recurring": "x"}),
        ({}, {"subscription_expiration_date": "never", "tomorrow": {"x": 1}}),
        ({}, {"total_amount": "300"}),
        ({}, {"telegram_payment_charge_id": "stx" + "x" * 3_000}),
        ({}, {"telegram_payment_charge_id": "stx\0\ud83d"}),
    ],
)
async def test_a_payment_is_settled_whatever_else_its_update_holds(
    shop: BotUnderTest,
    post: Post,
    message_changes: dict[str, object],
    payment_changes: dict[str, object],
) -> None:
    """P1: and stored as it came."""
    await buy(shop.anna)
    purchase = await the_order(shop)
    paid = payment(purchase, **payment_changes)
    told = message(None, **message_changes) | {"successful_payment": paid}
    body = json.dumps({"update_id": 8, "message": told}).encode()

    assert await post(body) == 200

    assert (await the_order(shop)).status is PurchaseStatus.PAID
    (event,) = await rows(shop, ExternalEvent)
    assert (event.body, event.outcome) == (body, EventOutcome.SETTLED)


async def test_a_refund_is_taken_back_whatever_else_its_update_holds(
    shop: BotUnderTest, post: Post
) -> None:
    """P1."""
    await buy(shop.anna)
    purchase = await the_order(shop)
    for update_id, name in enumerate(["successful_payment", "refunded_payment"]):
        told = message(None, forward_origin=FORWARDED) | {name: payment(purchase, order_info=5)}
        assert await post({"update_id": update_id, "message": told}) == 200

    assert (await the_order(shop)).status is PurchaseStatus.REFUNDED


@pytest.mark.parametrize(
    "spoil",
    [
        {"telegram_payment_charge_id": None},
        {"total_amount": HUGE},
        {"total_amount": 299.5},
        {"invoice_payload": ["x"]},
        {"currency": None},
    ],
)
async def test_money_that_cannot_be_read_is_stored_and_reported_each_time(
    shop: BotUnderTest, post: Post, spoil: dict[str, object]
) -> None:
    """P1: 200 only after that."""
    await buy(shop.anna)
    purchase = await the_order(shop)
    bodies = [
        json.dumps(
            {
                "update_id": update_id,
                "message": message(None, successful_payment=payment(purchase, **spoil)),
            }
        ).encode()
        for update_id in (8, 9)
    ]

    for body in (*bodies, bodies[0]):
        assert await post(body) == 200

    events = await rows(shop, ExternalEvent)
    assert [event.body for event in events] == bodies
    async with shop.deps.db.unit_of_work() as session:
        await resolve_operators(session, (OLGA,))
    notifications = [row for row in await rows(shop, OutboxMessage) if row.chat_id == OLGA]
    assert [notification.template for notification in notifications] == [
        "operator-event-malformed"
    ] * 2
    for notification in notifications:
        assert notification.values["invoice"]
        assert notification.values["provider"] == "stars"
    assert (await the_order(shop)).status is PurchaseStatus.PENDING


@pytest.mark.parametrize(
    "body",
    [
        b'{"update_id":8,"message":{"successful_payment":{"total_amount":300,',
        b'{"update_id":null,"message":{"successful_payment":{}}}',
        b'{"message":{"refunded_payment":[]}}',
        b'{"update_id":%d,"message":{"successful_payment":{}}}' % HUGE,
    ],
)
async def test_money_in_a_body_that_is_no_update_is_stored(
    shop: BotUnderTest, post: Post, body: bytes
) -> None:
    """P1."""
    assert await post(body) == 200

    (event,) = await rows(shop, ExternalEvent)
    assert (event.provider, event.body) == ("stars", body)


@pytest.mark.parametrize(
    "odd",
    [
        {"order_info": 5},
        {"shipping_option_id": {}},
        {"from": {"id": ANNA}},
        {"from": {"id": HUGE}},
        {"currency": None},
        {"total_amount": HUGE},
        {"invoice_payload": 5},
    ],
)
async def test_the_question_before_a_payment_is_answered_in_any_case(
    shop: BotUnderTest, post: Post, odd: dict[str, object]
) -> None:
    """P8: and only what is surely right is let through."""
    await buy(shop.anna)
    purchase = await the_order(shop)
    query = {
        "id": "9",
        "from": {"id": ANNA, "is_bot": False, "first_name": "Anna"},
        "currency": "XTR",
        "total_amount": 300,
        "invoice_payload": build_invoice_payload(purchase.id, purchase.user_id),
    }

    assert await post({"update_id": 7, "pre_checkout_query": query | odd}) == 200

    taps = shop.taps
    assert isinstance(taps, AnsweredCheckouts)
    (answer,) = taps.checkouts
    is_right = not {"currency", "total_amount", "invoice_payload"} & set(odd) and odd.get(
        "from"
    ) != {"id": HUGE}
    assert answer.ok is is_right


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b'{"update_id":%d,"message":{}}' % HUGE,
        b'{"update_id":1,"message":{"chat":{"id":%d},"text":"/menu"}}' % HUGE,
        b'{"update_id":1,"message":{"text":"\\"successful_payment\\"","chat":5}}',
        b'{"update_id":1,"callback_query":{"id":"5"}}',
        b'{"update_id":1,"tomorrow":{"x":1}}',
    ],
)
async def test_what_says_nothing_is_acknowledged_and_leaves_no_trace(
    shop: BotUnderTest, post: Post, body: bytes
) -> None:
    assert await post(body) == 200

    assert await rows(shop, ExternalEvent) == []
