"""A refused Crypto Pay call, by the name that the API gives it."""


class CryptoPayError(Exception):
    def __init__(self, name: str, code: int = 400) -> None:
        super().__init__(name)
        self.name = name
        self.code = code
