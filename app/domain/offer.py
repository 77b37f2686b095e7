"""What the shop can do now, as its texts may promise it (P14): the workers ask the same."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """By default nothing is promised."""

    methods: tuple[str, ...] = ()  # open payment methods; none while nothing can be sold
    trial: bool = False  # to this user
    renewal: bool = False
    tracking: bool = False
    keys: bool = False  # whether the panel is there that issues them
    faq: bool = False  # whether operators have written it in this user's language
    rules: bool = False
    maintenance: bool = False  # nothing is sold for now
