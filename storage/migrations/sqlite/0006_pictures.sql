-- What was done to a source so that the provider can read it, and files that a decoder does not survive.

ALTER TABLE images ADD COLUMN converted TEXT;
ALTER TABLE images ADD COLUMN megapixels INTEGER;

CREATE TABLE lethal_files (
    sha256 TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
