"""What an operator types for a user is recognised by its shape."""

from uuid import UUID

import pytest

from app.domain.user_lookup import UserQuery, clean_searched_name, parse_user_query

LONG = "stx" + "Ab9_-" * 10
FIRST = UUID("3f2a1b4c" + "0" * 24)
LAST = UUID("3f2a1b4c" + "f" * 24)


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("@anna", UserQuery(username="anna")),
        ("@ANNA_1", UserQuery(username="anna_1")),
        ("Anna", UserQuery(username="anna", invoice="Anna")),
        ("1001", UserQuery(user_id=1001, invoice="1001")),
        ("9" * 33, UserQuery(invoice="9" * 33)),
        ("№ 1001", UserQuery(invoice="1001")),
        ("#3F2A1B4C", UserQuery(order_ids=(FIRST, LAST), invoice="3F2A1B4C")),
        ("no. 3f2a1b4c", UserQuery(order_ids=(FIRST, LAST), invoice="3f2a1b4c")),
        ("№3F2A1B4C", UserQuery(order_ids=(FIRST, LAST), invoice="3F2A1B4C")),
        (str(FIRST), UserQuery(order_ids=(FIRST, FIRST), invoice=str(FIRST))),
        ("nora", UserQuery(username="nora", invoice="nora")),
        ("u1001_5", UserQuery(username="u1001_5", invoice="u1001_5", subscription_id=5)),
        (f"0x{'Ab' * 32}", UserQuery(invoice=f"0x{'Ab' * 32}", tx_hash=f"0x{'ab' * 32}")),
        (LONG, UserQuery(invoice=LONG)),
        ("a" * 33, UserQuery(invoice="a" * 33)),
    ],
)
def test_what_is_typed_is_all_that_it_may_be(typed: str, query: UserQuery) -> None:
    assert parse_user_query(typed) == query


@pytest.mark.parametrize(("typed", "user_id"), [("12345678", 12345678), ("9" * 16, None)])
def test_eight_digits_and_more_are_an_order_too(typed: str, user_id: int | None) -> None:
    query = parse_user_query(typed)
    assert query is not None
    assert (query.user_id, query.username, query.invoice) == (user_id, None, typed)
    assert query.order_ids is not None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "@ab",
        "@1anna",
        "@anna benson",
        "@" + "a" * 33,
        "@Аня",
        "anna benson",
        "anna\nbenson",
        "Аня",
        "-5",
        "12.5",
        "+79990000000",
        "№",
        "№ № 3F2A1B4C",
        "@@anna",
        "anna\0",
        "١٢٣",
        "a" * 256,
        "<b>anna</b>",
    ],
)
def test_what_is_none_of_them_is_none(typed: str) -> None:
    assert parse_user_query(typed) is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Anna", "anna"),
        ("  Anna  Benson ", "anna benson"),
        ("Аня", "аня"),
        ("A", None),
        ("", None),
        ("12", None),
        ("-5", None),
        ("@anna", None),
        ("x" * 100, "x" * 64),
    ],
)
def test_a_name_has_two_characters_and_a_letter(typed: str, name: str | None) -> None:
    assert clean_searched_name(typed) == name
