"""Who is in a channel: asked over HTTP, and no guess where Telegram does not say."""

import pytest
from aiogram import Bot

from app.clients.telegram.channels import TelegramChannels
from app.domain.ports import RefusedError, UnavailableError
from tests.clients.telegram.conftest import ANNA, Telegram, bot_for
from tests.clients.telegram.odd_server import flood, json, odd_server, ok

NEWS = "@tollgate_news"
USER = {"id": ANNA, "is_bot": False, "first_name": "Anna"}
RIGHTS = dict.fromkeys(
    (
        "can_send_messages",
        "can_send_audios",
        "can_send_documents",
        "can_send_photos",
        "can_send_videos",
        "can_send_video_notes",
        "can_send_voice_notes",
        "can_send_polls",
        "can_send_other_messages",
        "can_add_web_page_previews",
        "can_react_to_messages",
        "can_edit_tag",
        "can_change_info",
        "can_invite_users",
        "can_pin_messages",
        "can_manage_topics",
    ),
    False,
)


@pytest.mark.parametrize(
    ("status", "is_in"), [("member", True), ("left", False), ("kicked", False)]
)
async def test_a_member_is_in_and_who_left_is_not(
    telegram: Telegram, bot: Bot, status: str, *, is_in: bool
) -> None:
    await telegram.post(f"/world/people/{ANNA}/channels", channel=NEWS, status=status)
    assert await TelegramChannels(bot).is_member(NEWS, ANNA) is is_in


async def test_who_was_never_there_is_not_in(bot: Bot) -> None:
    assert not await TelegramChannels(bot).is_member(NEWS, ANNA)


async def test_a_user_whom_telegram_does_not_know_there_is_not_in(bot: Bot) -> None:
    assert not await TelegramChannels(bot).is_member(NEWS, 999_999)


async def test_a_bot_that_is_no_administrator_cannot_say(telegram: Telegram, bot: Bot) -> None:
    await telegram.turn(channels="no_admin")
    with pytest.raises(RefusedError, match="inaccessible"):
        await TelegramChannels(bot).is_member(NEWS, ANNA)


async def test_an_unknown_channel_cannot_be_asked(bot: Bot) -> None:
    with pytest.raises(RefusedError, match="chat not found"):
        await TelegramChannels(bot).is_member("@nobody_knows_it", ANNA)


async def test_a_telegram_that_is_down_cannot_say_now(telegram: Telegram, bot: Bot) -> None:
    await telegram.turn(telegram="down")
    with pytest.raises(UnavailableError):
        await TelegramChannels(bot).is_member(NEWS, ANNA)


async def test_a_telegram_that_wants_us_to_wait_cannot_say_now() -> None:
    async with odd_server() as server, bot_for(server.url) as bot:
        server.answers = [flood(60)] * 5
        with pytest.raises(UnavailableError):
            await TelegramChannels(bot).is_member(NEWS, ANNA)


@pytest.mark.parametrize("is_in", [True, False])
async def test_a_restricted_user_may_be_in_or_not(*, is_in: bool) -> None:
    member = {"user": USER, "status": "restricted", "is_member": is_in, "until_date": 0}
    async with odd_server() as server, bot_for(server.url) as bot:
        server.answers = [ok(member | RIGHTS)]
        assert await TelegramChannels(bot).is_member(NEWS, ANNA) is is_in


async def test_a_bot_that_was_thrown_out_cannot_say() -> None:
    async with odd_server() as server, bot_for(server.url) as bot:
        server.answers = [json(403, description="Forbidden: bot was kicked from the channel chat")]
        with pytest.raises(RefusedError):
            await TelegramChannels(bot).is_member(NEWS, ANNA)
