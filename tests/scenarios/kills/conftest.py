"""One service under test and one process for all points of a file, each with a buyer of its own."""

from collections.abc import AsyncIterator, Callable

import pytest

from sandbox.embedded import ValkeyServer
from tests.conftest import RunServers, clone_database
from tests.support.books import Books
from tests.support.instance import ended_after
from tests.support.killing import Site
from tests.support.service_under_test import ServiceUnderTest, open_service_under_test
from tests.support.shop import ChatUser
from tests.support.zygote import Zygote

Variables = Callable[[ServiceUnderTest], dict[str, str]]


@pytest.fixture(scope="module")
def variables() -> Variables:
    """A file's further variables for its process."""
    return lambda _: {}


@pytest.fixture(scope="module")
async def site(
    run_servers: RunServers,
    template: str,
    zygote: Zygote,
    variables: Variables,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("kill")
    valkey = ValkeyServer(folder / "valkey", durable=False)
    valkey.start()
    async with (
        clone_database(run_servers, template) as database_url,
        open_service_under_test(database_url, valkey.url, folder) as sut,
    ):
        instance = sut.instance("service", zygote.fork, **variables(sut))
        sut.router.target = instance.url
        async with ended_after(instance):
            yield Site(sut, instance, Books(database_url), database_url, valkey)
    valkey.stop()


@pytest.fixture
async def buyer(site: Site) -> ChatUser:
    if not site.instance.is_running():
        await site.start()
    await site.sut.world.turn(payment_webhook="ok", stars="ok", panel_fault="ok", panel="ok")
    return await site.sut.new_user()
