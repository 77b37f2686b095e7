"""Values of any length and of any characters fit our keys and our database."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.external_values import to_bounded_key, to_storable_text


@pytest.mark.parametrize("foreign", ["501", "stx0123_-==", "x" * 255, "528890:again"])
def test_what_is_short_and_plain_is_its_own_key(foreign: str) -> None:
    """Those of rows written before keys were bounded must stay what they are."""
    assert to_bounded_key(foreign) == foreign


@given(st.text(st.characters(), max_size=400) | st.text("\ud83d\0 é", min_size=1))
def test_every_other_key_is_short_plain_and_its_own(foreign: str) -> None:
    key = to_bounded_key(foreign)
    assert len(key) <= 255
    assert key.isascii()
    assert key.isprintable()
    assert key == to_bounded_key(foreign)
    assert to_bounded_key(foreign + "x" * 255) != to_bounded_key(foreign + "y" * 255)


def test_a_key_of_nobodys_is_not_another_ones_digest() -> None:
    assert to_bounded_key(to_bounded_key("x" * 256)) != to_bounded_key("x" * 256)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("A\ud83d", "A\N{REPLACEMENT CHARACTER}"),
        ("\ude00A", "\N{REPLACEMENT CHARACTER}A"),
        ("A\0B", "A\N{REPLACEMENT CHARACTER}B"),
        ("Ünï 😀", "Ünï 😀"),
        (json.loads('"\\ud83d\\ude00"'), "😀"),
    ],
)
def test_only_what_cannot_be_stored_is_replaced(said: str, kept: str) -> None:
    assert to_storable_text(said) == kept
