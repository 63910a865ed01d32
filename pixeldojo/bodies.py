"""Building the body of a run: only what the member chose, only what the model takes."""

from collections.abc import Mapping, Sequence

from pixeldojo.errors import InvalidOption, UnknownOption
from pixeldojo.schemas import NOT_OPTIONS, Fields, OptionLimits, Schema, read_fields
from pixeldojo.wire import Json

# Of a model without any description no more is known than that it takes a prompt and images.
_UNDESCRIBED = Fields(limits={"prompt": OptionLimits(), "image_urls": OptionLimits()})


def build_body(
    *,
    prompt: str,
    image_urls: Sequence[str],
    options: Mapping[str, str | int],
    schema: Schema | None,
    builtin: Schema | None = None,
    webhook_url: str | None = None,
) -> dict[str, Json]:
    """Build the body of a run, in the order prompt, images, options, webhook.

    Parameters
    ----------
    image_urls
        The sources, in their order; empty for a model that generates.
    options
        The options that were chosen, by the provider's names; defaults are left to the provider.
    schema
        The model's live ``requestSchema``, if it could be had.
    builtin
        Used instead if there is no readable live one (`builtin_schema`).
    webhook_url
        Sent even if the schema does not list it, as the API takes it besides.

    Raises
    ------
    UnknownOption
        The model has no such option, or takes no images.
    InvalidOption
        A value outside its list or limits; for ``prompt`` and ``image_urls``, the length.
    """
    fields = read_fields(schema) or read_fields(builtin) or _UNDESCRIBED
    _check_prompt(prompt, fields)
    body: dict[str, Json] = {"prompt": prompt}
    body |= _images(image_urls, fields)
    for name, value in options.items():
        _check_option(name, value, fields)
        body[name] = value
    _check_transparency(options)
    if webhook_url is not None:
        body["webhook_url"] = webhook_url
    return body


def _check_prompt(prompt: str, fields: Fields) -> None:
    limits = fields.limits.get("prompt", OptionLimits())
    if not prompt.strip() or not limits.measures(len(prompt)):
        raise InvalidOption("prompt", len(prompt))


def _images(image_urls: Sequence[str], fields: Fields) -> dict[str, Json]:
    limits = fields.limits.get("image_urls")
    if not image_urls:
        if "image_urls" in fields.required:
            raise InvalidOption("image_urls", 0)
        return {}
    if limits is None:
        raise UnknownOption("image_urls")
    if not limits.measures(len(image_urls)):
        raise InvalidOption("image_urls", len(image_urls))
    return {"image_urls": list(image_urls)}


def _check_option(name: str, value: str | int, fields: Fields) -> None:
    if name in NOT_OPTIONS or name not in fields.limits:
        raise UnknownOption(name)
    if not fields.limits[name].accepts(value):
        raise InvalidOption(name, value)


def _check_transparency(options: Mapping[str, str | int]) -> None:
    # The upstream's rule, which no schema can say: JPEG has no transparency.
    if options.get("background") == "transparent" and options.get("output_format") == "jpeg":
        raise InvalidOption("background", "transparent")
