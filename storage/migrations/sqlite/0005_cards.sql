-- Cards that say something that is no longer so, and what a form was opened with.

-- part: cards
CREATE TABLE stale_cards (
    message_id BIGINT PRIMARY KEY,
    channel_id BIGINT NOT NULL,
    job_id TEXT NOT NULL,
    since BIGINT NOT NULL
);

-- part: forms
CREATE TABLE forms (
    id TEXT PRIMARY KEY,
    sources TEXT NOT NULL,
    opened_at BIGINT NOT NULL
);
