"""The root of expected failures: each has a text for the user who ran into it."""

from typing import ClassVar


class ExpectedError(Exception):
    """A failure that is no crash; `text_key` names the Fluent message shown in the chat."""

    text_key: ClassVar[str] = "error-unexpected"


class RefusalError(Exception):
    """What keeps a command or a start from its work: one sentence with what helps."""


class ChangeRefusedError(RefusalError):
    """What an operator asked for makes no sense.

    The sentence is the command line's, with its options' names; `text_key` names the text that says
    the same in the chat and on the web, with `text_values` in it.
    """

    def __init__(self, sentence: str, text_key: str, **text_values: str | int) -> None:
        super().__init__(sentence)
        self.text_key = text_key
        self.text_values = text_values


class ChangeOvertakenError(ChangeRefusedError):
    """Another operator has changed it since it was shown."""


def require_unchanged(current: str, seen: str | None) -> None:
    """`seen` is what was shown; None where nothing was. Raises ChangeOvertakenError."""
    if seen is not None and seen != current:
        raise ChangeOvertakenError(f"it is {current} meanwhile", "refused-overtaken")
