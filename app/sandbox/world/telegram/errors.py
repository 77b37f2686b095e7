"""Failures in the words of Telegram's server."""


class ApiError(Exception):
    def __init__(self, code: int, description: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after_seconds = retry_after_seconds


def bad_request(text: str) -> ApiError:
    return ApiError(400, f"Bad Request: {text}")


def forbidden(text: str) -> ApiError:
    return ApiError(403, f"Forbidden: {text}")


def too_many_requests(retry_after_seconds: int) -> ApiError:
    return ApiError(
        429, f"Too Many Requests: retry after {retry_after_seconds}", retry_after_seconds
    )
