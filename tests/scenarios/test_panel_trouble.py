from tests.support.books import Books, expect_one_sale
from tests.support.eventually import eventually
from tests.support.shop import (
    ANNA,
    BEN,
    OLGA,
    ChatUser,
    Shop,
    callbacks,
    is_key,
    order,
    text_of,
)


async def test_a_panel_that_is_down_for_ten_attempts_and_comes_back_delivers(
    shop: Shop, database_url: str
) -> None:
    """P2, P6: attempts go on, buyer and operator read the truth once, then the key comes."""
    operator, buyer = shop.world.user(OLGA), shop.world.user(BEN)
    await operator.send("/start")
    invoice_id = await order(buyer, shop.world)
    await shop.world.turn(panel="down")
    await shop.world.pay(invoice_id)
    books = Books(database_url)

    await _attempt_until(books, 10)
    await _wait_for_status(books, "needs_attention")
    assert await books.count_notified("key-delayed") == 1
    assert await books.count_notified("key-needs-attention") == 1
    assert await books.count_notified("operator-activation") == 1
    await operator.wait_for(
        lambda message: any(key.startswith("retry") for key in callbacks(message))
    )
    await books.hurry_activations()
    await shop.world.turn(panel="ok")

    await _hurry_until_delivered(books, buyer)
    await expect_one_sale(books)
    await operator.wait_for(lambda message: "Закрыто" in text_of(message))


async def test_a_panel_that_refuses_for_ever_calls_the_operator_whose_button_works(
    shop: Shop, database_url: str
) -> None:
    """P2, P8: three attempts, then an operator; the button delivers once the panel is mended."""
    operator, buyer = shop.world.user(OLGA), shop.world.user(ANNA)
    await operator.send("/start")
    invoice_id = await order(buyer, shop.world)
    await shop.world.turn(panel="refusing")
    await shop.world.pay(invoice_id)
    books = Books(database_url)
    await _attempt_until(books, 3)
    alarm = await operator.wait_for(
        lambda message: any(key.startswith("retry") for key in callbacks(message))
    )
    assert not [message for message in await buyer.received() if is_key(message)]

    await operator.tap(alarm, "retry")  # still refusing: nothing is lost by trying
    await _wait_for_status(books, "needs_attention")
    await shop.world.turn(panel="ok")
    await operator.tap(alarm, "retry")

    await buyer.wait_for(is_key)
    await expect_one_sale(books)
    subjects = await books.column("SELECT action FROM audit ORDER BY id")
    assert list(subjects).count("activation_retried") >= 1


async def _attempt_until(books: Books, attempts: int) -> None:
    async def are_made() -> bool:
        await books.hurry_activations()
        made = await books.column("SELECT attempts FROM subscriptions WHERE lease_token IS NULL")
        return bool(made) and made[0] >= attempts

    await eventually(are_made)


async def _hurry_until_delivered(books: Books, buyer: ChatUser) -> None:
    async def is_delivered() -> bool:
        await books.hurry_activations()
        return any(is_key(message) for message in await buyer.received())

    await eventually(is_delivered)


async def _wait_for_status(books: Books, status: str) -> None:
    async def is_so() -> bool:
        return list(await books.column("SELECT activation_status FROM subscriptions")) == [status]

    await eventually(is_so)
