"""Users: known from their first update on."""

import asyncio

from app.db.models import User
from app.services.users import (
    TelegramProfile,
    get_chat_languages,
    mark_bot_blocked,
    mark_bot_unblocked,
    set_user_language,
    upsert_user,
)
from tests.support.stall import ANNA, BEN, Stall

NEW = TelegramProfile(5, "Eve", "eve", "ru")


async def find(stall: Stall, user_id: int) -> User:
    (user,) = await stall.rows(User, User.id == user_id)
    return user


async def test_a_new_user_is_kept_with_the_language_of_the_phone(stall: Stall) -> None:
    await upsert_user(stall.db, NEW)

    user = await find(stall, 5)
    assert (user.first_name, user.username, user.language) == ("Eve", "eve", "ru")
    assert user.unreachable_at is None


async def test_a_user_who_renamed_themselves_keeps_the_chosen_language(stall: Stall) -> None:
    await upsert_user(stall.db, NEW)
    await set_user_language(stall.db, 5, "en")

    greeted = await upsert_user(stall.db, TelegramProfile(5, "Eva", None, "ru"))

    assert (greeted.first_name, greeted.username, greeted.language) == ("Eva", None, "en")
    assert (await find(stall, 5)).first_name == "Eva"


async def test_twenty_first_updates_at_once_make_one_user(stall: Stall) -> None:
    people = await asyncio.gather(*(upsert_user(stall.db, NEW) for _ in range(20)))

    assert {person.id for person in people} == {5}
    assert len(await stall.rows(User, User.id == 5)) == 1


async def test_a_user_who_blocked_the_bot_is_reachable_again_when_they_write(stall: Stall) -> None:
    await mark_bot_blocked(stall.db, ANNA)
    first = (await find(stall, ANNA)).unreachable_at
    await mark_bot_blocked(stall.db, ANNA)
    assert (await find(stall, ANNA)).unreachable_at == first is not None

    await upsert_user(stall.db, TelegramProfile(ANNA, "Anna", None, "ru"))
    assert (await find(stall, ANNA)).unreachable_at is None


async def test_unblocking_alone_makes_reachable_again(stall: Stall) -> None:
    await mark_bot_blocked(stall.db, ANNA)
    await mark_bot_blocked(stall.db, 404)  # somebody who never wrote
    await mark_bot_unblocked(stall.db, ANNA)

    assert (await find(stall, ANNA)).unreachable_at is None


async def test_languages_are_those_of_the_users_asked_for(stall: Stall) -> None:
    async with stall.db.unit_of_work() as session:
        assert await get_chat_languages(session, {ANNA, 404}) == {ANNA: "ru"}
        assert await get_chat_languages(session, set()) == {}
    assert (await find(stall, BEN)).language == "en"
