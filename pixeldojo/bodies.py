"""Building the body of a run: only what the member chose, only what the model takes."""

from collections.abc import Mapping, Sequence
from typing import Final

from pixeldojo.errors import InvalidOption, UnknownOption
from pixeldojo.parameters import MASK, NOT_OPTIONS, PROMPT, SOURCES, WEBHOOK, Parameter, Parameters
from pixeldojo.wire import Json

UNDESCRIBED: Final = Parameters(
    by_role={
        PROMPT: Parameter(name="prompt"),
        SOURCES: Parameter(name="image_urls", least=1, several=True),
    }
)
"""Of a model without any description no more is known than that it takes a prompt and images."""


def build_body(
    *,
    prompt: str,
    sources: Sequence[str],
    options: Mapping[str, str | int],
    takes: Parameters,
    mask: str | None = None,
    webhook_url: str | None = None,
) -> dict[str, Json]:
    """Build the body of a run, in the order prompt, sources, mask, options, webhook.

    Parameters
    ----------
    sources
        The addresses of the sources, in their order; empty for a model that generates.
    options
        The options that were chosen, by role; defaults are left to the provider.
    takes
        What the model takes, by `read_parameters`.
    mask
        The address of a PNG whose transparent places may be changed.
    webhook_url
        Sent even if the schema does not list it, as the API takes it besides.

    Raises
    ------
    UnknownOption
        The model has no such option, or takes no sources or mask.
    InvalidOption
        A value outside its list or limits; for ``prompt`` and ``sources``, the length.
    """
    body: dict[str, Json] = {takes.by_role[PROMPT].name: _prompt(prompt, takes.by_role[PROMPT])}
    body |= _sources(sources, takes)
    if mask is not None:
        body |= _addressed(MASK, [mask], takes)
    body |= takes.given
    for role, value in options.items():
        body |= _option(role, value, takes)
    _check_transparency(options)
    if webhook_url is not None:
        webhook = takes.by_role.get(WEBHOOK)
        body["webhook_url" if webhook is None else webhook.name] = webhook_url
    return body


def _prompt(prompt: str, takes: Parameter) -> str:
    if not prompt.strip() or not takes.measures(len(prompt)):
        raise InvalidOption(PROMPT, len(prompt))
    return prompt


def _sources(sources: Sequence[str], takes: Parameters) -> dict[str, Json]:
    if sources:
        return _addressed(SOURCES, sources, takes)
    if takes.needs_sources:
        raise InvalidOption(SOURCES, 0)
    return {}


def _addressed(role: str, addresses: Sequence[str], takes: Parameters) -> dict[str, Json]:
    found = takes.by_role.get(role)
    if found is None:
        raise UnknownOption(role)
    if not found.measures(len(addresses)):
        raise InvalidOption(role, len(addresses))
    return {found.name: list(addresses) if found.several else addresses[0]}


def _option(role: str, value: str | int, takes: Parameters) -> dict[str, Json]:
    found = None if role in NOT_OPTIONS else takes.by_role.get(role)
    if found is None:
        raise UnknownOption(role)
    sent = found.sent(value)
    if sent is None:
        raise InvalidOption(role, value)
    return {found.name: sent}


def _check_transparency(options: Mapping[str, str | int]) -> None:
    # The upstream's rule, which no schema can say: JPEG has no transparency.
    if options.get("background") == "transparent" and options.get("format") in {"jpeg", "jpg"}:
        raise InvalidOption("background", "transparent")
