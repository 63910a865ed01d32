-- What members chose for whatever they leave out, and what of it a job's model did not take.

CREATE TABLE preferences (
    member_id BIGINT PRIMARY KEY,
    edit_model TEXT,
    generate_model TEXT,
    size TEXT,
    quality TEXT,
    count INTEGER
);

ALTER TABLE jobs ADD COLUMN left_out TEXT NOT NULL DEFAULT '{}';
