"""A control call that cannot be done, in one sentence for the page."""


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
