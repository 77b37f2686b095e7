"""python-telegram-bot, a client that others wrote, against the sandbox's Telegram."""

import io
from collections.abc import AsyncIterator

import pytest
import segno
import telegram
from telegram.error import BadRequest, Conflict, Forbidden, RetryAfter

from sandbox.world import WorldServer
from tests.sandbox.world.peers import Api

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

GROUP = -1002200000001
KEYS = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Buy", callback_data="buy")]])


@pytest.fixture
async def ptb(server: WorldServer) -> AsyncIterator[telegram.Bot]:
    bot = telegram.Bot(
        "4242:bot", base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot"
    )
    async with bot:
        yield bot


@pytest.fixture
def qr() -> bytes:
    picture = io.BytesIO()
    segno.make("vless://key-of-somebody").save(picture, kind="png", scale=12)
    return picture.getvalue()


async def test_a_message_is_sent_edited_answered_and_deleted(ptb: telegram.Bot, anna: int) -> None:
    sent = await ptb.send_message(anna, "<b>Hi</b>", parse_mode="HTML", reply_markup=KEYS)
    assert (sent.text, sent.entities[0].type) == ("Hi", "bold")
    edited = await sent.edit_text("Bye")
    assert isinstance(edited, telegram.Message)
    assert (edited.text, edited.reply_markup) == ("Bye", None)
    answer = await sent.reply_text("So?", do_quote=True)
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.message_id == sent.message_id
    assert await ptb.delete_messages(anna, [sent.message_id, answer.message_id, 99_999])
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await sent.edit_text("Again")


async def test_a_picture_comes_in_several_sizes_and_can_be_fetched(
    ptb: telegram.Bot, anna: int, qr: bytes
) -> None:
    sent = await ptb.send_photo(anna, qr, caption="Key")
    widths = [size.width for size in sent.photo]
    assert len(widths) > 1
    assert widths == sorted(widths)
    file = await ptb.get_file(sent.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == qr
    small = await ptb.send_photo(anna, sent.photo[0].file_id)
    assert small.photo[-1].file_unique_id == sent.photo[-1].file_unique_id


async def test_an_album_is_held_together(ptb: telegram.Bot, anna: int, qr: bytes) -> None:
    parts = await ptb.send_media_group(anna, [telegram.InputMediaPhoto(qr) for _ in range(3)])
    assert len({part.media_group_id for part in parts}) == 1
    mixed: list[telegram.InputMediaPhoto | telegram.InputMediaDocument] = [
        telegram.InputMediaPhoto(qr),
        telegram.InputMediaDocument(qr),
    ]
    with pytest.raises(BadRequest, match="can't be mixed"):
        await ptb.send_media_group(anna, mixed)


async def test_messages_are_copied_and_forwarded(ptb: telegram.Bot, anna: int) -> None:
    first = await ptb.send_message(anna, "News")
    copy = await ptb.copy_message(GROUP, anna, first.message_id)
    forwarded = await ptb.forward_message(GROUP, anna, first.message_id)
    assert (copy.message_id, forwarded.text) == (1, "News")
    assert isinstance(forwarded.forward_origin, telegram.MessageOriginUser)
    assert forwarded.forward_origin.sender_user.id == ptb.id
    more = await ptb.copy_messages(GROUP, anna, [first.message_id, 99_999])
    assert [one.message_id for one in more] == [3]
    many = await ptb.forward_messages(GROUP, anna, [first.message_id])
    assert [one.message_id for one in many] == [4]
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await ptb.copy_message(GROUP, anna, 99_999)


async def test_a_group_says_who_is_in_it(ptb: telegram.Bot, control: Api, anna: int) -> None:
    assert await ptb.get_chat_member_count(GROUP) == 4
    (founder,) = await ptb.get_chat_administrators(GROUP)
    assert (founder.user.id, founder.status) == (anna, "creator")
    sent = await ptb.send_message(GROUP, "x")
    with pytest.raises(BadRequest, match="ot enough rights"):
        await sent.pin()
    await control(f"groups/{GROUP}/bot", status="administrator")
    assert len(await ptb.get_chat_administrators(GROUP)) == 2
    assert await sent.pin()
    assert await ptb.unpin_chat_message(GROUP)
    with pytest.raises(BadRequest, match="no administrators in the private chat"):
        await ptb.get_chat_administrators(anna)


async def test_the_menu_button_is_one_users_or_everybodys(ptb: telegram.Bot, anna: int) -> None:
    assert isinstance(await ptb.get_chat_menu_button(anna), telegram.MenuButtonCommands)
    app = telegram.MenuButtonWebApp("Open", telegram.WebAppInfo("https://a.example"))
    await ptb.set_chat_menu_button(menu_button=app)
    assert isinstance(await ptb.get_chat_menu_button(anna), telegram.MenuButtonWebApp)
    await ptb.set_chat_menu_button(anna, telegram.MenuButtonCommands())
    assert isinstance(await ptb.get_chat_menu_button(anna), telegram.MenuButtonCommands)


async def test_a_channel_is_written_to_by_its_name(ptb: telegram.Bot, anna: int) -> None:
    post = await ptb.send_message("@Tollgate_News", "<b>Hi</b>", parse_mode="HTML")
    assert (post.chat.type, post.chat.username) == ("channel", "tollgate_news")
    assert (post.from_user, post.sender_chat, post.message_id) == (None, post.chat, 1)
    edited = await ptb.edit_message_text("Bye", "@tollgate_news", post.message_id)
    assert isinstance(edited, telegram.Message)
    assert edited.text == "Bye"
    forwarded = await ptb.forward_message(anna, post.chat.id, post.message_id)
    origin = forwarded.forward_origin
    assert isinstance(origin, telegram.MessageOriginChannel)
    assert (origin.chat, origin.message_id) == (post.chat, post.message_id)
    assert await ptb.delete_message("@tollgate_news", post.message_id)


async def test_a_picture_comes_from_an_address(ptb: telegram.Bot, anna: int) -> None:
    sent = await ptb.send_photo(anna, "https://a.example/pictures/a.png?size=1", caption="A")
    assert (sent.caption, sent.photo[-1].width, sent.photo[-1].height) == ("A", 320, 240)
    again = await ptb.send_photo(anna, sent.photo[-1].file_id)
    assert again.photo == sent.photo
    document = (await ptb.send_document(anna, "http://a.example/terms.pdf")).document
    assert document is not None
    assert (document.file_name, document.mime_type) == ("terms.pdf", "application/pdf")


async def test_a_reply_quotes_what_it_is_about(ptb: telegram.Bot, anna: int) -> None:
    sent = await ptb.send_message(anna, "👋 one <b>two</b>, one", parse_mode="HTML")
    near_the_end = telegram.ReplyParameters(sent.message_id, quote="one", quote_position=12)
    reply = await ptb.send_message(anna, "x", reply_parameters=near_the_end)
    assert reply.quote is not None
    assert (reply.quote.text, reply.quote.position, reply.quote.is_manual) == ("one", 12, True)
    assert (reply.reply_to_message, reply.external_reply) == (sent, None)
    bold = telegram.ReplyParameters(
        sent.message_id, quote="one <b>two</b>", quote_parse_mode="HTML"
    )
    copy = await ptb.send_photo(anna, "https://a.example/a.png", reply_parameters=bold)
    assert copy.quote is not None
    assert copy.quote.entities == (telegram.MessageEntity("bold", 4, 3),)


async def test_a_message_of_another_chat_is_replied_to(ptb: telegram.Bot, anna: int) -> None:
    sent = await ptb.send_message(GROUP, "👋 one")
    reply = await ptb.send_message(
        anna, "x", reply_parameters=telegram.ReplyParameters(sent.message_id, chat_id=GROUP)
    )
    external = reply.external_reply
    assert external is not None
    assert reply.quote is not None
    assert isinstance(external.origin, telegram.MessageOriginUser)
    assert (external.chat, external.message_id) == (sent.chat, sent.message_id)
    assert (reply.reply_to_message, reply.quote.text) == (None, "👋 one")
    missing = telegram.ReplyParameters(99, chat_id=GROUP, allow_sending_without_reply=True)
    plain = await ptb.send_message(anna, "x", reply_parameters=missing)
    assert (plain.external_reply, plain.quote) == (None, None)


async def test_a_chat_has_commands_of_its_own(ptb: telegram.Bot, control: Api, anna: int) -> None:
    scope = telegram.BotCommandScopeChat(anna)
    assert await ptb.set_my_commands([("person", "A user")], scope=scope, language_code="ru")
    listed = await ptb.get_my_commands(scope=scope, language_code="ru")
    assert [command.to_dict() for command in listed] == [
        {"command": "person", "description": "A user"}
    ]
    assert await ptb.get_my_commands(language_code="ru") == ()
    bot = (await control.get("state"))["bot"]
    assert bot["chat_commands"] == {
        "1001": {"ru": [{"command": "person", "description": "A user"}]}
    }


async def test_updates_are_asked_for_only_without_a_webhook(
    ptb: telegram.Bot, control: Api, anna: int
) -> None:
    first, second = await ptb.get_updates(), await ptb.get_updates()
    assert [one.update_id for one in first] == [one.update_id for one in second]
    assert first[0].message is not None
    assert first[0].message.text == "/start"
    assert await ptb.get_updates(offset=first[0].update_id + 1) == ()
    await control(f"people/{anna}/send", text="hello")
    await ptb.set_webhook("https://a.example/hook")
    with pytest.raises(Conflict):
        await ptb.get_updates()


async def test_refusals_are_the_clients_own_errors(
    ptb: telegram.Bot, control: Api, anna: int
) -> None:
    with pytest.raises(Forbidden):
        await ptb.send_message(1002, "x")
    await control(f"people/{anna}", bot_blocked=True)
    with pytest.raises(Forbidden, match="blocked"):
        await ptb.send_message(anna, "x")
    await control.turn(telegram="flood", telegram_retry_after=7)
    with pytest.raises(RetryAfter):
        await ptb.send_message(GROUP, "x")
