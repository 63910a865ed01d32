"""Which files: those of the data directory, of another folder, or of an object store."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage.erasure_record import ErasureFile, ErasureRecord
from storage.files import Files


def files_at(
    url: str | None, data_dir: Path, *, alone: bool, named: bool = False, s3: Mapping[str, str], copies: int
) -> Files:
    """Return the files that are kept where an address says; without one, in the data directory.

    Parameters
    ----------
    alone
        No other process uses the data directory.
    named
        A folder that lacks its place's name is away.
    s3
        What an object store is told, by the names of the environment.
    copies
        Bytes of an object store's files that are kept here as well.

    Raises
    ------
    Unusable
        What the store is told makes no sense.
    """
    if url is None:
        return Files(data_dir, alone=alone, named=named)
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Files(Path(unquote(parts.path)), alone=False, named=named)
    from storage.objects import ObjectFiles, bucket  # noqa: PLC0415 - who needs no store need not have its library

    return ObjectFiles(bucket(parts.netloc, parts.path.strip("/"), s3), data_dir, limit=copies, alone=alone)


def erasures_at(
    url: str | None, data_dir: Path, *, named: bool = False, s3: Mapping[str, str]
) -> ErasureRecord:
    """Return the record of erasures that stands beside the files of an address; see ``files_at``.

    Raises
    ------
    Unusable
        What the store is told makes no sense.
    """
    if url is None:
        return ErasureFile(data_dir, named=named)
    parts = urlsplit(url)
    if parts.scheme == "file":
        return ErasureFile(Path(unquote(parts.path)), named=named)
    from storage.objects import ErasureObjects, bucket  # noqa: PLC0415

    return ErasureObjects(bucket(parts.netloc, parts.path.strip("/"), s3))
