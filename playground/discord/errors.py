"""Discord's error replies, as exceptions.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from playground.discord.jsons import JsonObject


class ApiError(Exception):
    """A request is refused.

    Attributes
    ----------
    status
        The HTTP status.
    body
        The JSON reply.
    headers
        Sent along with it.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        extra: JsonObject | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: JsonObject = {"message": message, "code": code, **(extra or {})}
        self.headers = headers or {}


def unauthorized() -> ApiError:
    """No token, or a wrong one."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    """Say that Discord has no such path."""
    return ApiError(404, 0, "404: Not Found")


def unknown_channel() -> ApiError:
    """10003."""
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    """10004."""
    return ApiError(404, 10004, "Unknown Guild")


def unknown_member() -> ApiError:
    """10007."""
    return ApiError(404, 10007, "Unknown Member")


def unknown_message() -> ApiError:
    """10008."""
    return ApiError(404, 10008, "Unknown Message")


def unknown_user() -> ApiError:
    """10013."""
    return ApiError(404, 10013, "Unknown User")


def unknown_emoji() -> ApiError:
    """10014."""
    return ApiError(400, 10014, "Unknown Emoji")


def unknown_webhook() -> ApiError:
    """10015: a token that never was, or an answer that is not there yet."""
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    """10062: too late, or never asked."""
    return ApiError(404, 10062, "Unknown interaction")


def unknown_command() -> ApiError:
    """10063."""
    return ApiError(404, 10063, "Unknown application command")


def unknown_command_permissions() -> ApiError:
    """10066: there are no rules for this command."""
    return ApiError(404, 10066, "Unknown application command permissions")


def too_many_creations(limit: int) -> ApiError:
    """30034."""
    text = f"Max number of daily application command creates has been reached ({limit})"
    return ApiError(400, 30034, text)


def too_many_late_edits() -> ApiError:
    """30046: an old message was edited too often.

    It comes as a 429 with a short wait that does not help: clients are seen to try again every 0.2 s.
    """
    text = "Maximum number of edits to messages older than 1 hour reached. Try again later"
    extra: JsonObject = {"retry_after": 0.2, "global": False}
    return ApiError(429, 30046, text, extra=extra, headers={"Retry-After": "1"})


def too_large() -> ApiError:
    """40005."""
    return ApiError(413, 40005, "Request entity too large")


def already_acknowledged() -> ApiError:
    """40060."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def missing_access() -> ApiError:
    """50001: the bot cannot see the channel."""
    return ApiError(403, 50001, "Missing Access")


def not_yours() -> ApiError:
    """50005."""
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> ApiError:
    """50006."""
    return ApiError(400, 50006, "Cannot send an empty message")


def closed_direct_messages() -> ApiError:
    """50007."""
    return ApiError(403, 50007, "Cannot send messages to this user")


def missing_permissions() -> ApiError:
    """50013."""
    return ApiError(403, 50013, "Missing Permissions")


def expired_token() -> ApiError:
    """50027: an interaction token older than fifteen minutes."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def unreadable_reference() -> ApiError:
    """160009: the message that is referred to may not be read."""
    return ApiError(403, 160009, "Cannot reference a message that cannot be read")


def bad_json() -> ApiError:
    """50109."""
    return ApiError(400, 50109, "The request body contains invalid JSON.")


def bad_form(errors: JsonObject) -> ApiError:
    """50035 with a tree of what is wrong where."""
    return ApiError(400, 50035, "Invalid Form Body", extra={"errors": errors})
