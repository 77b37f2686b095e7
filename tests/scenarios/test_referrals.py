"""A link goes from one phone to another, and its reward comes back."""

from app.services import shop_settings
from tests.support.books import Books
from tests.support.shop import ANNA, BEN, Shop, is_key, order, text_of, urls


async def test_a_friends_payment_is_rewarded_in_the_language_of_who_sent_the_friend(
    shop: Shop, database_url: str
) -> None:
    """P2, P3, P9: link, welcome, payment, reward in money and days, page; each reported once."""
    await shop_settings.change_shop_setting(shop.parts.db, "referral_days", "7")
    anna, ben = shop.world.user(ANNA), shop.world.user(BEN)
    await anna.send("/friends")
    page = await anna.wait_for(lambda message: "?start=ref_" in text_of(message))
    assert any("share/url?url=" in url for url in urls(page))
    code = text_of(page).partition("?start=")[2].split()[0]

    await ben.send(f"/start {code}")
    await ben.wait_for(lambda message: "Anna" in text_of(message) and "Ben" in text_of(message))
    await anna.wait_for(lambda message: "теперь с нами" in text_of(message))
    await shop.world.pay(await order(ben, shop.world))

    await ben.wait_for(is_key)
    reward = await anna.wait_for(lambda message: "Награда за друга" in text_of(message))
    assert "7 дней доступа" in text_of(reward)
    await anna.wait_for(is_key)
    books = Books(database_url)
    rewards = "SELECT amount_minor FROM ledger_entries WHERE kind = 'referral' AND user_id = $1"
    assert await books.column(rewards, ANNA) == [49]
    assert (
        await books.count_notified("friend-came"),
        await books.count_notified("referral-reward"),
    ) == (1, 1)

    await anna.send("/friends")
    page = await anna.wait_for(lambda message: "Пришли" in text_of(message))
    assert "Пришли: 1 · оплатили: 1" in text_of(page)
    assert "0,49" in text_of(page)
