"""What a model takes, and by which names: the one table of what providers' schemas call the same things.

``read_parameters`` finds each role of the table in a schema by name and type. One more parameter is one
more line of ``TABLE``.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pixeldojo.errors import Unmapped
from pixeldojo.schemas import (
    ITEMS,
    LENGTH,
    NUMBER,
    Schema,
    bounds,
    has_type,
    listed,
    plain_schemas,
    plain_values,
    whole_number,
)
from pixeldojo.wire import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a model takes for one role, under the property ``name``.

    ``choices`` are all values (None: not limited to a list); ``least`` and ``most`` limit a number, a text's
    characters or a list's elements, both included, ``step`` is what a number is a multiple of. ``several``:
    a list, not one.
    """

    name: str
    choices: tuple[str | int, ...] | None = None
    least: int | None = None
    most: int | None = None
    step: int = 1
    default: str | int | None = None
    several: bool = False

    def accepts(self, value: str | int) -> bool:
        """Whether the model takes this value."""
        return self.sent(value) is not None

    def sent(self, value: str | int) -> str | int | None:
        """Return a value as the model takes it; ``None`` if it does not."""
        if isinstance(value, bool):
            return None
        if self.choices is not None:
            return next((each for each in self.choices if str(each) == str(value)), None)
        fits = isinstance(value, int) and self.measures(value) and value % self.step == 0
        return value if fits else None

    def measures(self, size: int) -> bool:
        """Whether a number, or a number of characters or elements, is within the limits."""
        low = self.least is None or self.least <= size
        return low and (self.most is None or size <= self.most)


Reader = Callable[[str, list[Schema], Schema], Parameter | None]
"""Reads a property (its name, its plain schemas, the whole schema); ``None`` if it is of another type."""


def _text(name: str, plain: list[Schema], _root: Schema) -> Parameter | None:
    """Read what takes words."""
    found = next((each for each in plain if has_type(each, "string") and listed(each) is None), None)
    if found is None:
        return None
    least, most = bounds(found, LENGTH)
    return Parameter(name=name, least=least, most=most)


def _addresses(name: str, plain: list[Schema], root: Schema) -> Parameter | None:
    """Read what takes a list of addresses, or else a single one."""
    for each in plain:
        items = [*plain_schemas(each.get("items", {}), root)]
        if has_type(each, "array") and each.keys() & {"type", "items"} and _text("", items, root) is not None:
            least, most = bounds(each, ITEMS)
            return Parameter(name=name, least=max(1, least or 1), most=most, several=True)
    one = _text(name, plain, root)
    return None if one is None else Parameter(name=name, least=1, most=1)


def _choice(name: str, plain: list[Schema], _root: Schema) -> Parameter | None:
    """Read what takes one of a list: the listed values, or the examples of an open one."""
    fitting = [each for each in plain if has_type(each, "string", "integer", "number")]
    values: list[str | int] = []
    for each in fitting:
        known = listed(each)
        values += (
            plain_values([*_as_list(each.get("examples")), each.get("default")]) if known is None else known
        )
    values = [value for value in values if any(has_type(each, *_types_of(value)) for each in fitting)]
    if not values:
        return None
    defaults = plain_values([each.get("default") for each in fitting])
    default = next((value for value in defaults if value in values), None)
    return Parameter(name=name, choices=tuple(dict.fromkeys(values)), default=default)


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _types_of(value: str | int) -> tuple[str, ...]:
    return ("string",) if isinstance(value, str) else ("integer", "number")


def _number(name: str, plain: list[Schema], _root: Schema) -> Parameter | None:
    """Read what takes a whole number."""
    fitting = [each for each in plain if has_type(each, "integer", "number")]
    if not fitting:
        return None
    found = fitting[0]
    if all(listed(each) is not None for each in fitting):
        # Alternatives of one value each are one list.
        alternatives: list[Json] = [value for each in fitting for value in listed(each) or ()]
        found = {**{name: told for name, told in found.items() if name != "const"}, "enum": alternatives}
    known, (least, most) = listed(found), bounds(found, NUMBER)
    step = whole_number(found.get("multipleOf")) or 1
    read = Parameter(name=name, least=least, most=most, step=step)
    if known is not None:
        read = replace(read, choices=tuple(value for value in known if read.accepts(value)))
    default = whole_number(found.get("default"))
    read = replace(read, default=default if default is not None and read.accepts(default) else None)
    return None if read.choices == () else read


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: a role, what it takes, and the names that it has, the better known first."""

    role: str
    read: Reader = field(repr=False)
    names: tuple[str, ...]


PROMPT, SOURCES, MASK, WEBHOOK = "prompt", "sources", "mask", "webhook"
TABLE: Final = (
    Line(PROMPT, _text, ("prompt", "instruction", "text_prompt")),
    Line(
        SOURCES,
        _addresses,
        (
            *("image_urls", "images", "image", "input_images", "reference_images", "input_image_urls"),
            *("image_url", "input_image", "input_image_url"),
        ),
    ),
    Line(MASK, _addresses, ("mask_url", "mask", "mask_image", "mask_image_url")),
    Line(WEBHOOK, _text, ("webhook_url",)),
    Line("size", _choice, ("image_size", "size", "aspect_ratio")),
    Line("resolution", _choice, ("resolution", "image_resolution")),
    Line("background", _choice, ("background",)),
    Line("quality", _choice, ("quality",)),
    Line("fidelity", _choice, ("input_fidelity", "fidelity")),
    Line("count", _number, ("num_images", "n", "num_outputs", "number_of_images")),
    Line("format", _choice, ("output_format", "format")),
)
NOT_OPTIONS: Final = frozenset({PROMPT, SOURCES, MASK, WEBHOOK})
"""Roles that are no options of a member's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All that a model takes, by role; ``given`` is what every body must have besides, by property."""

    by_role: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    given: Mapping[str, Json] = field(default_factory=dict[str, Json])
    needs_sources: bool = False

    @property
    def options(self) -> Mapping[str, Parameter]:
        """What a member may choose, by role."""
        return {role: each for role, each in self.by_role.items() if role not in NOT_OPTIONS}

    @property
    def edits(self) -> bool:
        """Whether the model takes sources."""
        return SOURCES in self.by_role


def read_parameters(schema: Schema | None) -> Parameters | None:
    """Read a schema of a run body; ``None`` if it describes no properties.

    Raises
    ------
    Unmapped
        It has no prompt, or asks for something that no request has: the property is named.
    """
    root = schema or {}
    whole = next((each for each in plain_schemas(root, root) if each.get("properties")), None)
    properties = None if whole is None else whole["properties"]
    if whole is None or not isinstance(properties, Mapping):
        return None
    required = [name for name in _as_list(whole.get("required")) if isinstance(name, str)]
    plain = {name: [*plain_schemas(each, root)] for name, each in properties.items()}
    by_role = {
        line.role: found for line in TABLE if (found := _find(line, plain, required, root)) is not None
    }
    if PROMPT not in by_role:
        raise Unmapped(PROMPT)
    _check_sources(by_role, plain)
    given = _one_result(by_role, required, _find(_WORDED_COUNT, plain, required, root))
    filled = {by_role[role].name for role in (PROMPT, SOURCES) if role in by_role} | given.keys()
    options = {each.name: each for role, each in by_role.items() if role not in NOT_OPTIONS}
    given |= {
        name: _given(name, plain.get(name, []), options.get(name)) for name in required if name not in filled
    }
    needs = SOURCES in by_role and by_role[SOURCES].name in required
    return Parameters(by_role=by_role, given=given, needs_sources=needs)


def _find(
    line: Line, plain: Mapping[str, list[Schema]], required: list[str], root: Schema
) -> Parameter | None:
    """Return the property that plays a role: a required one first, then the better known name."""
    ranks = {_bare(name): rank for rank, name in enumerate(line.names)}
    named = [name for name in plain if _bare(name) in ranks]
    named.sort(key=lambda name: (name not in required, ranks[_bare(name)]))
    read = (line.read(name, plain[name], root) for name in named)
    return next((each for each in read if each is not None), None)


def played_by(role: str, told: Mapping[str, Json], *, but: Collection[str] = ()) -> Json:
    """Return what plays a role among named values, the better known name first; ``but`` names are skipped."""
    line = next(each for each in TABLE if each.role == role)
    bare = {_bare(name): value for name, value in told.items() if value is not None}
    return next((bare[name] for name in map(_bare, line.names) if name in bare and name not in but), None)


def _bare(name: str) -> str:
    """Return a name without what only tells habits of writing apart: ``imageUrls`` is ``image_urls``."""
    return name.replace("_", "").replace("-", "").lower()


def _given(name: str, plain: list[Schema], option: Parameter | None) -> Json:
    """Return what a required property gets that nobody chose."""
    if option is not None and option.default is not None:
        return option.default
    if option is not None and option.choices:
        return option.choices[0]
    for each in plain:
        only = [each["const"]] if "const" in each else _as_list(each.get("enum"))
        if "default" in each or len(only) == 1:
            return each.get("default", *only[:1])
    raise Unmapped(name)


def _check_sources(by_role: Mapping[str, Parameter], plain: Mapping[str, list[Schema]]) -> None:
    """Refuse a model whose sources cannot be read: without them it would pass for one that generates."""
    names = {_bare(name) for line in TABLE if line.role == SOURCES for name in line.names}
    for name, several in plain.items() if SOURCES not in by_role else ():
        if _bare(name) in names and any(has_type(each, "array", "object") for each in several):
            raise Unmapped(name)


_WORDED_COUNT: Final = next(replace(line, read=_choice) for line in TABLE if line.role == "count")
"""A number of results that is a list of texts: no option, but one result can be asked for."""


def _one_result(
    by_role: Mapping[str, Parameter], required: list[str], worded: Parameter | None
) -> dict[str, Json]:
    """Return what asks for one result where a model makes another number by itself."""
    count = by_role.get("count", worded)
    if count is None:
        return {}
    one = count.sent(1)
    if one is None:
        raise Unmapped(count.name)
    by_itself = count.default in {None, one} and count.name not in required
    return {} if by_itself else {count.name: one}
