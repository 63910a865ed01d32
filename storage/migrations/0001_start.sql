-- Times are Unix milliseconds, credits thousandths, ids Discord's snowflakes.
-- The SQL keeps to what SQLite and PostgreSQL share.

-- One row a job. `id` is the Discord event that asked for it: a repeated event meets the key.
-- Moves, each a compare-and-set on `status` (domain/job.py, MOVES):
--   queued -> submitting -> running -> delivering -> done, and failed, cancelled, unknown beside it.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('edit', 'generate')),
    origin TEXT NOT NULL,
    guild_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    options TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN
        ('queued', 'submitting', 'running', 'unknown', 'delivering', 'done', 'failed', 'cancelled')),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    created_at BIGINT NOT NULL,
    parent_id TEXT,
    token TEXT,
    token_expires_at BIGINT NOT NULL DEFAULT 0,
    card_channel_id BIGINT,
    card_id BIGINT,
    sources_ready INTEGER NOT NULL DEFAULT 0,
    provider_job_id TEXT UNIQUE,
    secret TEXT UNIQUE,
    submitted_at BIGINT,
    completed_at BIGINT,
    ended_at BIGINT,
    cost BIGINT,
    failure TEXT,
    rung TEXT,
    rung_at BIGINT,
    attachment_limit BIGINT NOT NULL,
    note TEXT,
    collected INTEGER NOT NULL DEFAULT 1,
    reminded INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    CHECK (status <> 'running' OR provider_job_id IS NOT NULL)
);
CREATE INDEX jobs_open ON jobs (guild_id, member_id)
    WHERE status IN ('queued', 'submitting', 'running', 'unknown', 'delivering');
CREATE INDEX jobs_of_member ON jobs (member_id, created_at);
CREATE INDEX jobs_by_card ON jobs (card_id) WHERE card_id IS NOT NULL;
CREATE INDEX jobs_with_token ON jobs (token_expires_at) WHERE token IS NOT NULL;

-- Sources, results and the contact sheet. `sha256` names the kept file; NULL: not on disk.
CREATE TABLE images (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    role TEXT NOT NULL CHECK (role IN ('source', 'result', 'sheet')),
    position INTEGER NOT NULL CHECK (position >= 1),
    name TEXT NOT NULL,
    url TEXT,
    sha256 TEXT,
    media_type TEXT,
    size BIGINT,
    width INTEGER,
    height INTEGER,
    PRIMARY KEY (job_id, role, position)
);
CREATE INDEX images_by_file ON images (sha256) WHERE sha256 IS NOT NULL;

-- Messages beside the card that carry results (a spread delivery) or remind: removed with the job.
CREATE TABLE messages (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    message_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    PRIMARY KEY (job_id, message_id)
);
CREATE UNIQUE INDEX messages_by_id ON messages (message_id);

-- The ledger: append-only; see domain/entries.py for what `held` and `spent` mean.
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'charge', 'release', 'refund', 'adjust')),
    job_id TEXT,
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    model TEXT NOT NULL,
    at BIGINT NOT NULL,
    held BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    images INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    moderator_id BIGINT,
    CHECK ((job_id IS NULL) = (kind = 'adjust')),
    CHECK (kind NOT IN ('refund', 'adjust') OR cause <> '')
);
CREATE UNIQUE INDEX entries_once ON entries (job_id, kind) WHERE kind IN ('reserve', 'charge', 'release');
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- The rollup: one row per server, member, model and day (grain 'day') or month ('month'; start is its
-- first day). Days count from 1970-01-01 UTC. member_id 0 is the server as a whole.
CREATE TABLE usage (
    guild_id BIGINT NOT NULL,
    grain TEXT NOT NULL CHECK (grain IN ('day', 'month')),
    member_id BIGINT NOT NULL,
    start INTEGER NOT NULL,
    model TEXT NOT NULL,
    jobs INTEGER NOT NULL DEFAULT 0,
    images INTEGER NOT NULL DEFAULT 0,
    spent BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, grain, member_id, start, model)
) WITHOUT ROWID;

-- target_kind 'member' or 'role' with its id, or 'server' with 0.
CREATE TABLE allowances (
    guild_id BIGINT NOT NULL,
    target_kind TEXT NOT NULL CHECK (target_kind IN ('member', 'role', 'server')),
    target_id BIGINT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    credits BIGINT NOT NULL CHECK (credits >= 0),
    set_by BIGINT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (guild_id, target_kind, target_id, period)
);

CREATE TABLE notice_channels (guild_id BIGINT PRIMARY KEY, channel_id BIGINT NOT NULL);
-- Once per subject, period and threshold (percent). member_id 0 is the server.
CREATE TABLE notices (
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    period TEXT NOT NULL,
    start INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    at BIGINT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, member_id, period, start, percent)
);

-- The provider's balance as each reply told it. `alone`: no other submission was open meanwhile,
-- so that it can be compared with the last one that was.
CREATE TABLE balances (
    id INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    job_id TEXT,
    cost BIGINT,
    remaining BIGINT NOT NULL,
    alone INTEGER NOT NULL
);
CREATE TABLE drifts (
    id INTEGER PRIMARY KEY,
    since BIGINT NOT NULL,
    at BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    suspects TEXT NOT NULL DEFAULT ''
);

-- How often a member took back their wish on a message: part of the key of the job it makes.
CREATE TABLE wishes (
    message_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    taken_back INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, member_id)
);

-- How long ended jobs took: between `low` and `high` milliseconds (asked in between).
CREATE TABLE durations (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    quality TEXT NOT NULL,
    count INTEGER NOT NULL,
    low BIGINT NOT NULL,
    high BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE unreminded (member_id BIGINT PRIMARY KEY);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
