"""Failures in the words of Telegram's server."""


class ApiError(Exception):
    """`parameters` are those of the answer's envelope: `retry_after`, `migrate_to_chat_id`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(text: str, **parameters: int) -> ApiError:
    return ApiError(400, f"Bad Request: {text}", **parameters)


def forbidden(text: str) -> ApiError:
    return ApiError(403, f"Forbidden: {text}")


def too_many_requests(retry_after_seconds: int) -> ApiError:
    return ApiError(
        429,
        f"Too Many Requests: retry after {retry_after_seconds}",
        retry_after=retry_after_seconds,
    )
