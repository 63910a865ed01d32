"""A schema of any model is mapped by the table of names, and every body is what its own schema asks for."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixeldojo import Parameters, Unmapped, build_body, read_parameters
from pixeldojo.parameters import NOT_OPTIONS, TABLE

URLS = tuple(f"https://cdn.example/{number}.png" for number in range(20))


def schema_of(required: tuple[str, ...] = ("prompt",), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"prompt": {"type": "string"}, **properties},
        "required": list(required),
        "additionalProperties": False,
    }


def read(schema: dict[str, Any]) -> Parameters:
    found = read_parameters(schema)
    assert found is not None
    return found


def array(most: int, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", "format": "uri"}, "maxItems": most, **more}


# The shapes of the provider's own models

SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "gpt-image": (
        schema_of(("prompt", "image_urls"), image_urls=array(8, minItems=1), num_images={"type": "integer"}),
        {"image_urls": ["a"], "num_images": 2},
    ),
    "qwen": (
        schema_of(("prompt", "image"), image=array(3), n={"type": "integer", "maximum": 6}, seed={}),
        {"image": ["a"], "n": 2},
    ),
    "p-image": (
        schema_of(
            ("prompt", "images"), images=array(5), num_outputs={"type": "integer", "minimum": 1, "maximum": 2}
        ),
        {"images": ["a"], "num_outputs": 2},
    ),
    "one address": (
        schema_of(("prompt", "image_url"), image_url={"type": "string"}, n={"enum": [1, 2]}),
        {"image_url": "a", "n": 2},
    ),
    "other habits of writing": (
        schema_of(("prompt", "imageUrls"), imageUrls=array(2), numImages={"type": "integer"}),
        {"imageUrls": ["a"], "numImages": 2},
    ),
    "a list or one": (
        schema_of(image_urls={"anyOf": [{"type": "string"}, array(2)]}, n={"type": ["integer", "null"]}),
        {"image_urls": ["a"], "n": 2},
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_sources_and_count_go_by_the_names_of_the_schema(shape: str) -> None:
    schema, wanted = SHAPES[shape]
    body = build_body(prompt="a cat", sources=("a",), options={"count": 2}, takes=read(schema))
    assert body == {"prompt": "a cat", **wanted}
    jsonschema.validate(body, schema)


def test_of_two_names_the_required_one_counts_then_the_better_known() -> None:
    both = schema_of(image_url={"type": "string"}, image_urls=array(4))
    assert read(both).by_role["sources"].name == "image_urls"
    assert read({**both, "required": ["prompt", "image_url"]}).by_role["sources"].name == "image_url"


def test_a_name_of_another_type_is_not_taken_for_the_role() -> None:
    found = read(schema_of(size={"type": "object"}, aspect_ratio={"enum": ["1:1", "3:2"], "default": "1:1"}))
    assert found.by_role["size"].name == "aspect_ratio"
    assert found.options["size"].choices == ("1:1", "3:2")
    assert "sources" not in read(schema_of(images={"type": "integer"})).by_role


@pytest.mark.parametrize(
    ("told", "choices", "default"),
    [
        ({"enum": ["a", "b", None, 1.5]}, ("a", "b"), None),
        ({"const": "a"}, ("a",), None),
        ({"anyOf": [{"enum": ["a"]}, {"const": "b"}, {"type": "null"}], "default": "b"}, ("a", "b"), "b"),
        ({"anyOf": [{"type": "object"}, {"enum": ["a", "b"]}], "default": "a"}, ("a", "b"), "a"),
        ({"$ref": "#/definitions/size"}, ("small", "large"), None),
        ({"allOf": [{"$ref": "#/definitions/size"}], "default": "large"}, ("small", "large"), "large"),
        (
            {"type": "string", "examples": ["1024*1024"], "default": "512*512"},
            ("1024*1024", "512*512"),
            "512*512",
        ),
        ({"enum": [512, 1024]}, (512, 1024), None),
    ],
)
def test_choices_are_read_from_any_form_of_schema(told: Any, choices: tuple[Any, ...], default: Any) -> None:
    found = read({**schema_of(size=told), "definitions": {"size": {"enum": ["small", "large"]}}})
    assert (found.options["size"].choices, found.options["size"].default) == (choices, default)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"type": "string"},
        {"type": "boolean"},
        {"$ref": "#/definitions/nowhere"},
        {"$ref": "#/properties/size"},
    ],
)
def test_what_says_no_value_is_no_option(told: Any) -> None:
    assert "size" not in read(schema_of(size=told)).options


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 4}, [1, 2, 3, 4]),
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 3}, [1, 2]),
        ({"type": ["integer", "null"], "maximum": 2.0}, [1, 2]),
        ({"type": "integer", "maximum": 1e999}, [*range(1, 11)]),
        ({"enum": [1, 4]}, [1, 4]),
        ({"const": 1}, [1]),
        ({"oneOf": [{"const": 1}, {"const": 2}, {"const": 4}]}, [1, 2, 4]),
        ({"type": "number", "minimum": 0.5, "maximum": 3.5}, [1, 2, 3]),
        ({"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 3.5}, [1, 2, 3]),
        (
            {
                "type": "integer",
                "minimum": 0,
                "exclusiveMinimum": True,
                "maximum": 3,
                "exclusiveMaximum": True,
            },
            [1, 2],
        ),
        ({"allOf": [{"type": "integer", "maximum": 2}, {"maximum": 4}], "minimum": 1}, [1, 2]),
        ({"allOf": [{"enum": [1, 2]}, {"enum": [1, 2, 4]}]}, [1, 2]),
    ],
)
def test_a_number_is_checked_by_its_bounds_and_its_list(told: Any, taken: list[int]) -> None:
    count = read(schema_of(n=told)).options["count"]
    assert [number for number in range(1, 11) if count.accepts(number)] == taken


def test_more_than_one_result_is_never_made_unasked() -> None:
    takes = read(schema_of(n={"type": "integer", "default": 4}))
    assert build_body(prompt="a cat", sources=(), options={}, takes=takes)["n"] == 1
    with pytest.raises(Unmapped, match="'n'"):
        read(schema_of(n={"type": "integer", "minimum": 2, "default": 2}))
    with pytest.raises(Unmapped, match="'n'"):
        read(schema_of(n={"type": "integer", "minimum": 2}))


def test_a_number_of_results_in_words_is_no_option_and_still_one() -> None:
    takes = read(schema_of(n={"type": "string", "enum": ["1", "2", "4"], "default": "4"}))
    assert "count" not in takes.options
    assert build_body(prompt="a cat", sources=(), options={}, takes=takes)["n"] == "1"


def test_sources_that_cannot_be_read_do_not_make_a_model_one_that_generates() -> None:
    with pytest.raises(Unmapped, match="'images'"):
        read(schema_of(images={"type": "array", "items": {"type": "object"}}))


def test_the_strictest_of_several_limits_counts_wherever_it_stands() -> None:
    schema = schema_of(
        prompt={"allOf": [{"type": "string", "maxLength": 40}, {"maxLength": 900}]},
        images={"$ref": "#/$defs/a~1%20list", "maxItems": 5},
    )
    takes = read({**schema, "$defs": {"a/ list": array(2)}}).by_role
    assert (takes["prompt"].most, takes["sources"].most) == (40, 2)


def test_a_required_option_gets_its_default_or_the_first_of_its_list() -> None:
    schema = schema_of(
        ("prompt", "aspect_ratio", "quality", "safety", "mode"),
        aspect_ratio={"enum": ["1:1", "3:2"], "default": "3:2"},
        quality={"enum": ["low", "high"]},
        safety={"type": "boolean", "default": True},
        mode={"const": "edit"},
    )
    body = build_body(prompt="a cat", sources=(), options={"quality": "high"}, takes=read(schema))
    assert body == {
        "prompt": "a cat",
        "aspect_ratio": "3:2",
        "quality": "high",
        "safety": True,
        "mode": "edit",
    }


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("seed", {"type": "integer"}),
        ("mask_url", {"type": "string"}),
        ("style", {"enum": ["oil", "ink"]}),
        ("images", {"type": "array", "items": {"type": "object"}}),
        ("webhook_url", {"type": "string"}),
    ],
)
def test_a_field_that_nothing_fills_is_named(field: str, told: Any) -> None:
    with pytest.raises(Unmapped) as caught:
        read_parameters(schema_of(("prompt", field), **{field: told}))
    assert caught.value.name == field


def test_a_schema_without_a_prompt_is_not_usable_and_one_that_says_nothing_is_none() -> None:
    with pytest.raises(Unmapped, match="prompt"):
        read_parameters({"properties": {"image": {"type": "string"}}})
    for nothing in ({}, {"properties": []}, {"properties": {}}, {"type": "object"}, None):
        assert read_parameters(nothing) is None  # type: ignore[arg-type]


# Any schema that the table can make

WORDS = st.sampled_from(["auto", "low", "high", "xhigh", "1024x1024", "16:9", "1K", "png", "gif", "1"])
OTHERS = ("seed", "negative_prompt", "watermark")


def spelled(name: str) -> st.SearchStrategy[str]:
    first, *rest = name.split("_")
    return st.sampled_from([name, name, first + "".join(part.title() for part in rest)])


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    values = draw(st.lists(WORDS, min_size=1, max_size=5, unique=True))
    plain = draw(st.sampled_from([{"enum": values}, {"type": "string", "enum": values}]))
    wrapped = [
        plain,
        {"anyOf": [plain, {"type": "null"}]},
        {"allOf": [plain]},
        {"oneOf": [{"type": "object"}, plain]},
    ]
    found = draw(st.sampled_from(wrapped))
    return {**found, "default": draw(st.sampled_from(values))} if draw(st.booleans()) else found


@st.composite
def addresses(draw: st.DrawFn) -> dict[str, Any]:
    most = draw(st.integers(1, 9))
    listed = {
        "type": "array",
        "items": draw(st.sampled_from([{"type": "string"}, {"type": "string", "format": "uri"}])),
    }
    listed |= {"minItems": draw(st.integers(0, most)), "maxItems": most} if draw(st.booleans()) else {}
    return draw(st.sampled_from([listed, {"type": "string"}, {"anyOf": [{"type": "string"}, listed]}]))


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    most = draw(st.integers(1, 12))
    bounds = {"minimum": draw(st.integers(-1, 1)), "maximum": most}
    bounded = {"type": draw(st.sampled_from(["integer", "number"])), **bounds}
    listed = {"enum": draw(st.lists(st.integers(2, 9), unique=True).map(lambda more: [1, *more]))}
    return draw(st.sampled_from([bounded, {"type": "integer"}, listed, {**bounded, "default": most}]))


MADE = {
    "prompt": st.just({"type": "string", "minLength": 2}),
    "sources": addresses(),
    "mask": st.just({"type": "string"}),
}
MADE |= {"webhook": st.just({"type": "string"}), "count": numbers()}


@st.composite
def schemas(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a schema and the name of each role in it."""
    properties: dict[str, Any] = {}
    names: dict[str, str] = {}
    required: list[str] = []
    for line in TABLE:
        if line.role != "prompt" and draw(st.booleans()):
            continue
        names[line.role] = name = draw(st.sampled_from(line.names).flatmap(spelled))
        properties[name] = draw(MADE.get(line.role, choices()))
        if line.role not in {"mask", "webhook"} and (line.role == "prompt" or draw(st.booleans())):
            required.append(name)
    properties |= {name: {"type": "string"} for name in draw(st.sets(st.sampled_from(OTHERS)))}
    shared: dict[str, Any] = {}
    for name in draw(st.sets(st.sampled_from(sorted(properties)))):
        shared[name], properties[name] = properties[name], {"$ref": f"#/$defs/{name}"}
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {**schema, "$defs": shared}, names


@settings(max_examples=150, deadline=None)
@given(schemas(), st.data())
def test_every_body_is_what_its_schema_asks_for(
    made: tuple[dict[str, Any], dict[str, str]], data: st.DataObject
) -> None:
    schema, names = made
    takes = read(schema)
    assert {role: each.name for role, each in takes.by_role.items()} == names
    options: dict[str, str | int] = {}
    for role, option in takes.options.items():
        offered = [each for each in option.choices or range(1, 11) if option.accepts(each)]
        assert offered, f"{role} offers nothing"
        if data.draw(st.booleans()):
            options[role] = data.draw(st.sampled_from(offered))
    if options.get("background") == "transparent":
        del options["background"]
    sources = takes.by_role.get("sources")
    given = 0 if sources is None else data.draw(st.integers(sources.least or 1, min(sources.most or 9, 9)))
    mask = URLS[0] if "mask" in names and data.draw(st.booleans()) else None
    webhook = URLS[1] if "webhook" in names and data.draw(st.booleans()) else None
    body = build_body(
        prompt="a cat", sources=URLS[:given], options=options, takes=takes, mask=mask, webhook_url=webhook
    )
    jsonschema.validate(body, schema)
    assert {names[role] for role in options} <= body.keys()
    assert (body.get(names.get("count", ""), 1) == 1) or "count" in options
    assert NOT_OPTIONS.isdisjoint(takes.options)
