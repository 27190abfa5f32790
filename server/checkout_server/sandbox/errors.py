"""The API's way to say no: a status, a code and a message."""


class ApiError(Exception):
    """Answered as ``{"code", "message"}``."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def unprocessable(code: str, message: str) -> ApiError:
    return ApiError(422, code, message)


def bad_body(message: str) -> ApiError:
    return ApiError(400, "INVALID_REQUEST_BODY", message)


def not_found(what: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", f"{what} not found")
