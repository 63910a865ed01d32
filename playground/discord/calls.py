"""What a REST handler is given and what it gives back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from playground.discord.bodies import Body
from playground.discord.errors import bad_form
from playground.discord.jsons import as_id
from playground.discord.ratelimits import ORDINARY, Limit


@dataclass(slots=True)
class Call:
    """One request, read and allowed."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Body

    def id(self, name: str) -> int:
        """Read an id out of the path.

        Raises
        ------
        ApiError
            50035, if it is not a snowflake.
        """
        value = as_id(self.params[name])
        if value is None:
            problem = {
                "code": "NUMBER_TYPE_COERCE",
                "message": f'Value "{self.params[name]}" is not snowflake.',
            }
            raise bad_form({name: {"_errors": [problem]}})
        return value

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """Read a whole number out of the query.

        Raises
        ------
        ApiError
            50035, if it is not one or out of range.
        """
        value = as_id(self.query.get(name, default))
        if value is None or not low <= value <= high:
            problem = {"code": "NUMBER_TYPE_MAX", "message": f"int value should be between {low} and {high}."}
            raise bad_form({name: {"_errors": [problem]}})
        return value


@dataclass(slots=True)
class Reply:
    """What goes back: a JSON body, or none with 204."""

    body: object = None
    status: int = 200


NOTHING = Reply(None, 204)

Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path below ``/api/v10``.

    Attributes
    ----------
    token
        Whether the bot's token is asked for. Interaction routes carry their own in the path.
    limit
        Its rate limit, or None for the interaction callback, which has none.
    """

    method: str
    path: str
    handler: Handler
    token: bool = True
    limit: Limit | None = ORDINARY
