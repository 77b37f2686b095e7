"""Which panel a new subscription is put on."""

import pytest

from app.domain.panels import NoPlaceReason, PanelPlace, choose_place


def place(id_: int, load: int, capacity: int | None = None, **values: object) -> PanelPlace:
    given: dict[str, object] = {"name": f"nl{id_}", "panel_group": None, "is_up": True, **values}
    return PanelPlace(panel_id=id_, load=load, capacity=capacity, **given)  # type: ignore[arg-type]


def test_the_least_loaded_by_its_share_where_each_has_a_capacity() -> None:
    """At 50 of 1000 there is more room than at 9 of 10."""
    assert choose_place([place(1, 9, 10), place(2, 50, 1000)], None) == place(2, 50, 1000)


def test_the_least_loaded_by_number_where_one_has_none() -> None:
    assert choose_place([place(1, 9, 10), place(2, 50)], None) == place(1, 9, 10)
    assert choose_place([place(1, 7), place(2, 7)], None) == place(1, 7)


def test_a_full_one_is_passed_over() -> None:
    assert choose_place([place(1, 10, 10), place(2, 50)], None) == place(2, 50)
    assert choose_place([place(1, 10, 10)], None) is NoPlaceReason.FULL
    assert choose_place([], None) is NoPlaceReason.FULL


def test_one_that_is_down_is_passed_over_and_waited_for_where_it_alone_has_room() -> None:
    down = place(1, 0, is_up=False)
    assert choose_place([down, place(2, 50)], None) == place(2, 50)
    assert choose_place([down, place(2, 5, 5)], None) is NoPlaceReason.AWAY


@pytest.mark.parametrize("wanted", ["nl2", "eu"])
def test_a_plan_names_a_panel_or_a_group(wanted: str) -> None:
    places = [place(1, 0), place(2, 50, panel_group="eu")]
    assert choose_place(places, wanted) == places[1]
    assert choose_place(places, "us") is NoPlaceReason.FULL
