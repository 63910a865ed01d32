-- A job may have a mask beside its sources. The list of roles is a check of the table, which is made anew for it.
-- space: 1

-- part: images
DROP INDEX images_by_file;
DROP INDEX images_of_owner;
ALTER TABLE images RENAME TO old_images;
CREATE TABLE images (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    role TEXT NOT NULL CHECK (role IN ('source', 'result', 'sheet', 'mask')),
    position INTEGER NOT NULL CHECK (position >= 1),
    name TEXT NOT NULL,
    url TEXT,
    url_expires_at BIGINT,
    attached TEXT,
    sha256 TEXT,
    media_type TEXT,
    size BIGINT,
    width INTEGER,
    height INTEGER,
    converted TEXT,
    megapixels INTEGER,
    owner BIGINT,
    PRIMARY KEY (job_id, role, position)
);
INSERT INTO images (job_id, role, position, name, url, url_expires_at, attached, sha256, media_type, size, width, height,
        converted, megapixels, owner)
    SELECT job_id, role, position, name, url, url_expires_at, attached, sha256, media_type, size, width, height,
        converted, megapixels, owner
    FROM old_images;
DROP TABLE old_images;

-- part: indexes
CREATE INDEX images_by_file ON images (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX images_of_owner ON images (owner) WHERE owner IS NOT NULL;
