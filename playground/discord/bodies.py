"""Reading a request's body: JSON, or multipart with ``payload_json`` and ``files[n]``.

https://discord.com/developers/docs/reference#uploading-files
"""

import json
import re
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from playground.discord.errors import ApiError, bad_json, too_large
from playground.discord.faults import MEBIBYTE
from playground.discord.files import FileStore, TooLargeError
from playground.discord.jsons import JsonObject, as_object
from playground.discord.posts import StoredFile

MOST_BYTES = 25 * MEBIBYTE
"""What a whole request may weigh."""

_FILE_FIELD = re.compile(r"files?\[?(\d*)\]?")


@dataclass(slots=True)
class Body:
    """What a request carried.

    Attributes
    ----------
    payload
        The JSON value, or that of ``payload_json``; an empty object if there was none.
    files
        Uploaded files by the number in their field's name.
    problem
        Why the body cannot be used. The rest was read all the same, so that it can be logged.
    """

    payload: object = field(default_factory=dict[str, object])
    files: dict[int, StoredFile] = field(default_factory=dict[int, StoredFile])
    problem: ApiError | None = None

    @property
    def object(self) -> JsonObject:
        """The payload as an object."""
        return as_object(self.payload)


async def read_body(request: web.Request, *, store: FileStore) -> Body:
    """Read a body to its end, whatever it is."""
    if request.content_type.startswith("multipart/"):
        return await _read_multipart(request, store)
    text = await request.read()
    body = Body()
    if text:
        _read_json(body, text)
    return body


def _read_json(body: Body, text: bytes) -> None:
    try:
        body.payload = json.loads(text)
    except ValueError:
        body.problem = bad_json()


async def _read_multipart(request: web.Request, store: FileStore) -> Body:
    body, total = Body(), 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            body.problem = bad_json()
        elif part.name == "payload_json":
            _read_json(body, bytes(await part.read()))
        else:
            total += await _read_file(body, part, store)
    if total > MOST_BYTES:
        body.problem = too_large()
    return body


async def _read_file(body: Body, part: BodyPartReader, store: FileStore) -> int:
    match = _FILE_FIELD.fullmatch(part.name or "")
    number = int(match[1]) if match and match[1] else len(body.files)
    try:
        body.files[number] = await store.take(part, limit=MOST_BYTES)
    except TooLargeError:
        body.problem = too_large()
        return MOST_BYTES + 1
    return body.files[number].size
