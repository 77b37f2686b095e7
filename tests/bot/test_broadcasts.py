"""The operator's `/broadcast`: written in the chat, sent by a worker, steered by its buttons."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from app.bot.renderer import ScreenRenderer
from app.core.round_counts import MORE_DUE
from app.domain.broadcast_ports import SourceMessageError
from app.domain.messages import CopiedMessage, Lane
from app.services.notifications.outbox import DeliveryPorts, deliver_due_notifications
from app.services.operations.broadcasts.progress import ProgressDisplay
from app.services.operations.broadcasts.sending import BroadcastPorts
from app.services.operations.broadcasts.working import run_broadcasts
from app.services.operations.exports.making import make_due_export
from tests.bot.conftest import ANNA, BEN, OLGA, BotUnderTest
from tests.bot.phone import Phone, labels, visible
from tests.conftest import Skip
from tests.support.fakes import FakeClaims, FakeCopier

Work = Callable[[], Awaitable[None]]


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def work(closed_shop: BotUnderTest) -> Work:
    """All that is due now, of the worker and then of the outbox."""
    display, claims = ProgressDisplay(), FakeClaims()

    async def run() -> None:
        db, sender = closed_shop.deps.db, closed_shop.sender
        ports = BroadcastPorts(copier(closed_shop), sender, ScreenRenderer(), claims, (OLGA,))
        while (await run_broadcasts(db, ports, display)).get(MORE_DUE):
            pass
        delivery = DeliveryPorts(sender, ScreenRenderer(), claims, (OLGA,))
        await deliver_due_notifications(db, delivery, Lane.NOTIFICATION)

    return run


def copier(bot: BotUnderTest) -> FakeCopier:
    assert isinstance(bot.deps.copier, FakeCopier)
    return bot.deps.copier


async def write(phone: Phone, text: str = "<b>News</b>") -> int:
    """The message's id; the draft is shown."""
    await phone.send("/broadcast")
    await phone.tap("newcast")
    return await phone.send(text)


async def test_written_tested_and_sent_to_all(
    closed_shop: BotUnderTest, work: Work, language: str
) -> None:
    """P3: it comes back as users will see it, and its message shows how far it is."""
    for phone in (closed_shop.anna, closed_shop.ben):
        await phone.send("/start")
    olga = closed_shop.phone(OLGA, "Olga", language)
    message_id = await write(olga)
    copies = copier(closed_shop)
    assert copies.copied == [
        (OLGA, ["🔕 Не присылать новости" if language == "ru" else "🔕 No more news"])
    ]
    assert copies.sources == {CopiedMessage(OLGA, message_id)}
    assert ("Всем — 3 пользователя" if language == "ru" else "Everybody — 3 users") in olga.text

    await olga.tap("castbuttons:")
    await olga.send("Site — example.org")
    assert copies.copied[-1][1][0] == "Site"
    answer = await olga.tap("casttest:")
    assert answer is not None
    assert answer.text
    assert copies.chats == [OLGA] * 3

    await olga.tap("castnow:")
    assert "3" in olga.text
    tapped = olga.chat[-1]
    await olga.tap("caststart:")
    await work()
    assert sorted(copies.copied[3:]) == [
        (ANNA, ["Site", "🔕 Не присылать новости"]),
        (BEN, ["Site", "🔕 No more news"]),
        (OLGA, ["Site", "🔕 Не присылать новости" if language == "ru" else "🔕 No more news"]),
    ]
    assert visible(tapped.screen).startswith("✅")
    assert ("Отправлено: 3 из 3" if language == "ru" else "Sent: 3 of 3") in visible(tapped.screen)


async def test_two_taps_start_it_once(closed_shop: BotUnderTest, work: Work) -> None:
    olga = closed_shop.olga
    await write(olga)
    await olga.tap("castnow:")
    tapped = olga.chat[-1]
    await olga.tap("caststart:", tapped)
    second = await olga.tap("caststart:", tapped)
    assert second is not None
    assert "/broadcast" in str(second.text)
    await work()
    assert copier(closed_shop).chats == [OLGA, OLGA]  # the preview, and the broadcast


@pytest.mark.parametrize(
    ("taps", "said", "count"),
    [
        (["setseg:1:never_bought:"], "Ни разу не покупали", 3),
        (["setseg:1:active:"], "С платным доступом", 0),
        (["segment:1:ended", "setseg:1:ended:30"], "Доступ кончился за последние 30 дн.", 0),
        (["segment:1:source", "setseg:1:source:invited"], "По приглашению", 0),
        (["segment:1:plan", "setseg:1:plan:standard"], "Тариф standard", 0),
        (["seglang:1:en"], "Всем, 🇬🇧 Английский", 1),
        (["seglang:1:ru"], "Всем, 🇷🇺 Русский", 2),
    ],
)
async def test_a_segment_is_chosen_by_taps(
    closed_shop: BotUnderTest, taps: list[str], said: str, count: int
) -> None:
    for phone in (closed_shop.anna, closed_shop.ben):
        await phone.send("/start")
    olga = closed_shop.olga
    await write(olga)
    await olga.tap("segments:")
    id_ = next(
        (button.data or "").split(":")[1]
        for row in olga.screen.buttons
        for button in row
        if (button.data or "").startswith("setseg:")
    )
    for tap in taps:
        await olga.tap(tap.replace(":1:", f":{id_}:"))
    assert said in olga.text
    assert f"— {count} " in olga.text


@pytest.mark.parametrize("data", ["setseg:{}:ended:31", "setseg:{}:plan:nothing", "seglang:{}:fr"])
async def test_a_made_up_segment_is_none(closed_shop: BotUnderTest, data: str) -> None:
    olga = closed_shop.olga
    await write(olga)
    id_ = (olga.screen.buttons[0][0].data or "").split(":")[1]
    answer = await olga.press(data.format(id_))
    assert answer is not None
    assert answer.show_alert


async def test_a_time_starts_it_then_and_can_be_taken_back(
    closed_shop: BotUnderTest, work: Work, skip: Skip
) -> None:
    olga = closed_shop.olga
    await write(olga)
    await olga.tap("casttime:")
    await olga.send("вчера")
    assert "через 2 часа" in olga.text
    await olga.send("через 2 часа")
    assert "начнётся в" in olga.text
    await work()
    assert copier(closed_shop).chats == [OLGA]
    await olga.tap("steer:")
    assert "черновик" in olga.text
    await olga.tap("casttime:")
    await olga.send("через 2 часа")
    skip(timedelta(hours=2, seconds=1))
    await work()
    assert copier(closed_shop).chats == [OLGA, OLGA]
    assert olga.text.startswith("✅")


async def test_a_line_that_is_no_button_is_shown_and_may_be_tried_again(
    closed_shop: BotUnderTest,
) -> None:
    olga = closed_shop.olga
    await write(olga)
    await olga.tap("castbuttons:")
    await olga.send("Site — <nowhere>")
    assert "Site — <nowhere>" in olga.text
    await olga.send("Site — example.org")
    assert "Кнопок: 1" in olga.text
    await olga.tap("castbuttons:")
    await olga.send("—")
    assert "Кнопок: 0" in olga.text


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            {
                "poll": {
                    "id": "1",
                    "question": "?",
                    "options": [],
                    "total_voter_count": 0,
                    "is_closed": False,
                    "is_anonymous": True,
                    "type": "regular",
                    "allows_multiple_answers": False,
                    "allows_revoting": False,
                    "members_only": False,
                }
            },
            "не копирует",
        ),
        ({"location": {"latitude": 1.0, "longitude": 1.0}}, "не копирует"),
    ],
)
async def test_what_cannot_be_copied_is_refused_with_what_can(
    closed_shop: BotUnderTest, message: dict[str, object], said: str
) -> None:
    olga = closed_shop.olga
    await olga.send("/broadcast")
    await olga.tap("newcast")
    await olga.send(**message)  # type: ignore[arg-type]
    assert said in olga.text
    await olga.send("a text")
    assert "черновик" in olga.text


PHOTO = {"photo": [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]}


async def test_a_picture_is_taken_and_an_album_is_not(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    await olga.send("/broadcast")
    await olga.tap("newcast")
    for _ in range(2):
        await olga.send(**PHOTO, media_group_id="7")  # type: ignore[arg-type]
    await closed_shop.end_albums()
    assert "У альбома не бывает кнопок" in olga.text
    await olga.send(**PHOTO, caption="One")  # type: ignore[arg-type]
    assert "черновик" in olga.text


async def test_telegram_itself_may_refuse_a_copy(closed_shop: BotUnderTest) -> None:
    copier(closed_shop).failures[OLGA] = [SourceMessageError("message can't be copied")]
    await write(closed_shop.olga)
    assert "не копирует" in closed_shop.olga.text


async def test_the_newest_page_is_the_one_that_goes_on(
    closed_shop: BotUnderTest, work: Work
) -> None:
    olga = closed_shop.olga
    await write(olga)
    await olga.tap("castnow:")
    await olga.tap("caststart:")
    await olga.send("/broadcast")
    await olga.tap("cast:")
    shown = olga.chat[-1]
    await work()
    assert visible(shown.screen).startswith("✅")


async def test_a_draft_can_be_deleted(closed_shop: BotUnderTest) -> None:
    olga = closed_shop.olga
    await write(olga)
    await olga.tap("castdrop:")
    assert "Пока не было ни одной" in olga.text
    assert len(labels(olga.screen)) == 2


@pytest.mark.parametrize("data", ["broadcasts:0", "newcast", "caststart:1", "steer:1:cancel"])
async def test_for_everybody_else_there_are_no_broadcasts(
    closed_shop: BotUnderTest, data: str
) -> None:
    """P12: answered as any button that is none."""
    ben = closed_shop.ben
    await ben.send("/start")
    unknown = await ben.press("nonsense")
    answer = await ben.press(data)
    assert answer is not None
    assert unknown is not None
    assert (answer.text, answer.show_alert) == (unknown.text, unknown.show_alert)


async def start_and_end(phone: Phone, work: Work) -> None:
    await write(phone)
    await phone.tap("castnow:")
    await phone.tap("caststart:")
    await work()


async def test_what_was_sent_gets_another_text(closed_shop: BotUnderTest, work: Work) -> None:
    olga = closed_shop.olga
    await start_and_end(olga, work)
    await olga.tap("castedit:")
    assert "в 1 чате" in olga.text
    await olga.send(**PHOTO)  # type: ignore[arg-type]
    assert "до 4\xa0096 знаков" in olga.text
    bold = [{"type": "bold", "offset": 0, "length": 6}]
    await olga.send("Better <news>", entities=bold)
    assert visible(olga.chat[-2].screen) == "Better <news>"
    tapped = olga.chat[-1]
    await olga.tap("castchange:")
    await work()
    assert copier(closed_shop).edited == [
        (OLGA, "<b>Better</b> &lt;news&gt;", ["🔕 Не присылать новости"])
    ]
    assert "текст изменён в 1 из 1 сообщений" in visible(tapped.screen)
    second = await olga.press("castchange:1:edit")
    assert second is not None
    assert "/broadcast" in str(second.text)


async def test_what_was_sent_is_deleted(closed_shop: BotUnderTest, work: Work) -> None:
    olga = closed_shop.olga
    await start_and_end(olga, work)
    await olga.tap("castdelete:")
    assert "меньше 48 часов" in olga.text
    await olga.tap("castchange:")
    await work()
    assert copier(closed_shop).deleted == [OLGA]
    assert "удалено 1 из 1 сообщений" in olga.text


async def test_a_change_is_stopped_before_it_begins(closed_shop: BotUnderTest, work: Work) -> None:
    olga = closed_shop.olga
    await start_and_end(olga, work)
    await olga.tap("castdelete:")
    await olga.tap("castchange:")
    id_ = (olga.screen.buttons[0][0].data or "").split(":")[1]
    await olga.press(f"castkeep:{id_}")
    await work()
    assert copier(closed_shop).deleted == []


async def test_the_report_comes_as_a_table_of_that_broadcast(
    closed_shop: BotUnderTest, work: Work
) -> None:
    olga = closed_shop.olga
    for _ in range(2):
        await start_and_end(olga, work)
    report = olga.chat[-1]
    await olga.tap("castcsv:")
    delivery = DeliveryPorts(closed_shop.sender, ScreenRenderer(), FakeClaims(), (OLGA,))
    await make_due_export(closed_shop.deps.db, delivery)
    (document,) = [shown.screen.document for shown in olga.chat if shown.screen.document]
    assert isinstance(document.content, bytes)
    header, *rows = document.content.decode("utf-8-sig").splitlines()
    assert header == "id,broadcast_id,user_id,state,ended_at,last_error"
    (row,) = [line.split(",") for line in rows]
    assert row[2:4] == ["1003", "sent"]
    assert f"Рассылка {row[1]}" in visible(report.screen)
