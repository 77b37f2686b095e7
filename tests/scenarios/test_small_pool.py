"""DB_POOL_MAX_SIZE at its least: the shop sells, and says at the start what the pool allows."""

from structlog.testing import capture_logs

from tests.support.shop import ANNA, BEN, is_key, open_shop, order


async def test_two_users_buy_at_once_from_the_smallest_pool(
    database_url: str, redis_url: str
) -> None:
    """P2, P8."""
    with capture_logs() as logs:
        async with open_shop(database_url, redis_url, DB_POOL_MAX_SIZE="10") as shop:
            people = [shop.world.user(ANNA), shop.world.user(BEN)]
            for invoice_id in [await order(user, shop.world) for user in people]:
                await shop.world.pay(invoice_id)
            for user in people:
                await user.wait_for(is_key)

    (line,) = [line for line in logs if "DB_POOL_MAX_SIZE=" in line["event"]]
    assert line["event"] == "DB_POOL_MAX_SIZE=10 DB_POOL_MIN_SIZE=2"
    assert (line["updates_at_once"], line["worker_connections"]) == (2, 4)
