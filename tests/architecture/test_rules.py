"""Rules that are not executed drift: here they run, and each is shown something it must find."""

import pytest

from tests.architecture import rules
from tests.architecture.source import Module, modules


@pytest.mark.parametrize("rule", rules.SOURCE_RULES, ids=lambda rule: rule.__name__)
def test_the_source_follows(rule: rules.Rule) -> None:
    found = [finding for module in modules("app", "sandbox", "main.py") for finding in rule(module)]
    assert found == []


def test_every_test_asserts_something() -> None:
    found = [line for module in modules("tests") for line in rules.tests_assert_something(module)]
    assert found == []


_BAD = [
    (rules.tasks_start_in_the_supervisor, "app/bot/x.py", "asyncio.create_task(work())"),
    (rules.tasks_start_in_the_supervisor, "app/bot/x.py", "start = loop.create_task"),
    (rules.tasks_start_in_the_supervisor, "app/bot/x.py", "from asyncio import ensure_future"),
    (
        rules.tasks_start_in_the_supervisor,
        "sandbox/x.py",
        "async with asyncio.TaskGroup(): ...",
    ),
    (rules.the_clock_is_read_in_one_place, "app/bot/x.py", "at = datetime.now(UTC)"),
    (rules.the_clock_is_read_in_one_place, "app/bot/x.py", "at = datetime.datetime.utcnow()"),
    (rules.the_clock_is_read_in_one_place, "app/bot/x.py", "at = time.time()"),
    (rules.the_clock_is_read_in_one_place, "app/bot/x.py", "from time import time"),
    (rules.the_clock_is_read_in_one_place, "app/db/x.py", "select(func.now())"),
    (rules.the_clock_is_read_in_one_place, "app/db/x.py", "text('x < now() AND y')"),
    (rules.only_the_unit_of_work_commits, "app/services/x.py", "await session.commit()"),
    (rules.only_the_unit_of_work_commits, "app/db/engine.py", "await connection.rollback()"),
    (rules.only_the_unit_of_work_commits, "app/workers/x.py", "async with engine.begin(): ..."),
    (rules.money_is_no_float, "app/domain/x.py", "price: float"),
    (rules.money_is_no_float, "app/services/x.py", "price = price_minor * 0.9"),
    (rules.money_is_no_float, "app/db/models/x.py", "price = mapped_column(Float)"),
    (rules.money_is_no_float, "app/services/x.py", "half = plan.price_minor / 2"),
    (rules.relationships_never_load_by_themselves, "app/db/x.py", "user = relationship()"),
    (
        rules.relationships_never_load_by_themselves,
        "app/db/x.py",
        "user = relationship(lazy='select')",
    ),
    (rules.modules_say_why_they_exist, "app/x.py", "x = 1"),
    (rules.prose_uses_the_fields_words, "app/x.py", "'What a person pays.'"),
    (rules.prose_uses_the_fields_words, "app/x.py", "def f():\n    'One letter.'"),
    (rules.prose_uses_the_fields_words, "app/x.py", "x = 1  # another way to pay"),
    (rules.files_stay_small, "app/x.py", "x = 1\n" * 401),
    (rules.functions_stay_small, "app/x.py", "def long():\n" + "    x = 1\n" * 50),
    (rules.tests_assert_something, "tests/x.py", "def test_x():\n    run()"),
]

_GOOD = [
    (rules.tasks_start_in_the_supervisor, "app/core/supervisor.py", "asyncio.create_task(x())"),
    (rules.tasks_start_in_the_supervisor, "app/bot/x.py", "await asyncio.gather(one(), two())"),
    (rules.the_clock_is_read_in_one_place, "app/core/clock.py", "at = datetime.now(UTC)"),
    (rules.the_clock_is_read_in_one_place, "app/bot/x.py", "at = clock.now()"),
    (rules.the_clock_is_read_in_one_place, "app/bot/x.py", "at = time.monotonic()"),
    (rules.the_clock_is_read_in_one_place, "app/bot/x.py", "'Ask clock.now() and nobody else.'"),
    (rules.only_the_unit_of_work_commits, "app/db/unit_of_work.py", "await session.commit()"),
    (rules.only_the_unit_of_work_commits, "app/api/x.py", "await seen_updates.begin(1)"),
    (rules.money_is_no_float, "app/domain/x.py", "lease_seconds: float = 0.5"),
    (rules.money_is_no_float, "app/domain/x.py", "pause = timedelta(seconds=0.5)"),
    (rules.money_is_no_float, "app/domain/x.py", "halfway = (ends_at - started_at) / 2"),
    (rules.money_is_no_float, "app/bot/x.py", "pause = 0.5"),
    (rules.relationships_never_load_by_themselves, "app/x.py", "u = relationship(lazy='raise')"),
    (rules.prose_uses_the_fields_words, "app/x.py", "'`/person <name>`: the whole lettering.'"),
    (rules.prose_uses_the_fields_words, "app/x.py", "key = 'letter'  # a wire's name"),
    (rules.functions_stay_small, "app/x.py", "def long():\n" + "    x = 1\n" * 49),
    (rules.tests_assert_something, "tests/x.py", "def test_x():\n    assert x"),
    (
        rules.tests_assert_something,
        "tests/x.py",
        "async def test_x():\n    with pytest.raises(ValueError):\n        run()",
    ),
    (rules.tests_assert_something, "tests/x.py", "def test_x(page):\n    expect_key(page)"),
]


@pytest.mark.parametrize(("rule", "path", "text"), _BAD)
def test_the_rule_finds(rule: rules.Rule, path: str, text: str) -> None:
    assert len(list(rule(Module(path, text)))) == 1


@pytest.mark.parametrize(("rule", "path", "text"), _GOOD)
def test_the_rule_allows(rule: rules.Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text))) == []
