"""Rows of ``images``: which files a job has, and which kept files are still of use."""

from collections.abc import Iterable

from domain.images import Image, Role
from storage.holds import IS_OPEN
from storage.tx import Tx

_COLUMNS = (
    "job_id, role, position, name, url, url_expires_at, attached, sha256, media_type, size, width, height,"
    " converted, megapixels"
)


def put(tx: Tx, images: Iterable[Image]) -> None:
    """Write rows; one that is there already is replaced."""
    tx.executemany(
        f"INSERT INTO images ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (job_id, role, position) DO UPDATE SET name = excluded.name, url = excluded.url,"
        " url_expires_at = excluded.url_expires_at, attached = excluded.attached, sha256 = excluded.sha256,"
        " media_type = excluded.media_type, size = excluded.size, width = excluded.width,"
        " height = excluded.height, converted = excluded.converted, megapixels = excluded.megapixels",
        [
            (
                image.job_id,
                image.role,
                image.position,
                image.name,
                image.url,
                image.url_expires_at,
                image.attached,
                image.sha256,
                image.media_type,
                image.size,
                image.width,
                image.height,
                image.converted,
                image.megapixels,
            )
            for image in images
        ],
    )


def of_job(tx: Tx, job_id: str, role: Role | None = None) -> list[Image]:
    """Return a job's images, by role and position."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM images WHERE job_id = ? ORDER BY role, position",
        (job_id,),
    )
    images = [_image(row) for row in rows]
    return [image for image in images if role is None or image.role is role]


def hand_over(tx: Tx, job_id: str, *, to: str) -> None:
    """Give all images of a job to another, which has none."""
    tx.execute("UPDATE images SET job_id = ? WHERE job_id = ?", (to, job_id))


def remove(tx: Tx, job_id: str, role: Role | None = None) -> None:
    """Forget a job's images (of one role); what becomes of the files is the caller's."""
    if role is None:
        tx.execute("DELETE FROM images WHERE job_id = ?", (job_id,))
    else:
        tx.execute("DELETE FROM images WHERE job_id = ? AND role = ?", (job_id, role))


def wipe_urls(tx: Tx, job_id: str, role: Role = Role.SOURCE) -> None:
    """Forget where a job's images (and its mask) came from: signed URLs are of no use once files are kept."""
    tx.execute(
        "UPDATE images SET url = NULL, url_expires_at = NULL"
        " WHERE job_id = ? AND role IN (?, ?) AND url IS NOT NULL",
        (job_id, role, Role.MASK if role is Role.SOURCE else role),
    )


def forget_attached(tx: Tx, job_id: str) -> None:
    """Forget which sources a message carried that is the card no more, and their addresses on it."""
    tx.execute(
        "UPDATE images SET attached = NULL, url = NULL, url_expires_at = NULL"
        " WHERE job_id = ? AND attached IS NOT NULL",
        (job_id,),
    )


def disposable(tx: Tx, *, before: int | None, limit: int) -> list[str]:
    """Return the oldest jobs that still have files and may lose them: ended, delivered, not waiting.

    With ``before`` (Unix milliseconds) only those that ended before it.
    """
    earlier = "" if before is None else " AND coalesce(ended_at, created_at) < ?"
    # Starts from the files that are kept, not from all the jobs that ever were.
    rows = tx.execute(
        "SELECT id FROM jobs WHERE id IN (SELECT job_id FROM images WHERE sha256 IS NOT NULL)"
        f" AND collected = 1 AND NOT {IS_OPEN}"
        f"{earlier} ORDER BY coalesce(ended_at, created_at) LIMIT ?",
        (*(() if before is None else (before,)), limit),
    )
    return [str(row[0]) for row in rows]


def forget_files(tx: Tx, job_id: str) -> None:
    """Note that a job's files are no longer kept; the rows stay for what they say."""
    tx.execute(
        "UPDATE images SET sha256 = NULL, url = NULL, url_expires_at = NULL WHERE job_id = ?", (job_id,)
    )


def _image(row: tuple[object, ...]) -> Image:
    job_id, role, position, name, url, expiry, attached, sha256, media_type, size, width, height = row[:12]
    converted, megapixels = row[12:]
    return Image(
        job_id=str(job_id),
        role=Role(str(role)),
        position=_int(position),
        name=str(name),
        url=None if url is None else str(url),
        url_expires_at=None if expiry is None else _int(expiry),
        attached=None if attached is None else str(attached),
        sha256=None if sha256 is None else str(sha256),
        media_type=None if media_type is None else str(media_type),
        size=None if size is None else _int(size),
        width=None if width is None else _int(width),
        height=None if height is None else _int(height),
        converted=None if converted is None else str(converted),
        megapixels=None if megapixels is None else _int(megapixels),
    )


def _int(value: object) -> int:
    return int(str(value))
