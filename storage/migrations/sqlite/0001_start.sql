-- Times are Unix milliseconds, credits thousandths, ids Discord's snowflakes.
-- The SQL keeps to what SQLite and PostgreSQL share.

-- One row a job. `id` is the Discord event that asked for it: a repeated event meets the key.
-- Moves, each a compare-and-set on `status` (domain/job.py, MOVES):
--   queued -> submitting -> running -> delivering -> done, and failed, cancelled, unknown beside it.
-- `claim` is what a webhook says the provider calls a job whose answer did not come: to be asked about.
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
    claim TEXT,
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
-- Covers what is held of a member (and of a server: few jobs are open). SQLite takes a partial index only
-- for a query that repeats its condition word for word, so the list stays in alphabetical order.
CREATE INDEX jobs_open ON jobs (member_id, guild_id, status, reserved)
    WHERE status IN ('delivering', 'queued', 'running', 'submitting', 'unknown');
CREATE INDEX jobs_of_member ON jobs (member_id, guild_id, created_at);
CREATE INDEX jobs_waiting ON jobs (member_id) WHERE collected = 0;
CREATE INDEX jobs_by_card ON jobs (card_id) WHERE card_id IS NOT NULL;
CREATE INDEX jobs_to_close ON jobs (ended_at) WHERE status IN ('cancelled', 'done', 'failed') AND reminded = 0;
CREATE INDEX jobs_with_token ON jobs (token_expires_at) WHERE token IS NOT NULL;

-- Sources, results and the contact sheet. `sha256` names the kept file; NULL: not on disk.
CREATE TABLE images (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    role TEXT NOT NULL CHECK (role IN ('source', 'result', 'sheet')),
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
    member_id BIGINT NOT NULL CHECK (member_id > 0),
    model TEXT NOT NULL,
    at BIGINT NOT NULL,
    held BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    images INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    moderator_id BIGINT,
    nth INTEGER NOT NULL DEFAULT 1 CHECK (nth = 1 OR (kind = 'refund' AND nth > 1)),
    CHECK ((job_id IS NULL) = (kind = 'adjust')),
    CHECK (kind NOT IN ('refund', 'adjust') OR cause <> ''),
    CHECK (kind <> 'adjust' OR (held = 0 AND spent <> 0 AND moderator_id IS NOT NULL)),
    CHECK (kind <> 'reserve' OR (held >= 0 AND spent = 0)),
    CHECK (kind <> 'charge' OR (held <= 0 AND spent >= 0 AND images > 0)),
    CHECK (kind <> 'release' OR (held <= 0 AND spent = 0)),
    CHECK (kind <> 'refund' OR (held = 0 AND spent < 0)),
    CHECK (kind = 'charge' OR images = 0)
);
-- A job is reserved, charged and released once; it may be refunded again (nth).
CREATE UNIQUE INDEX entries_once ON entries (job_id, kind, nth);
CREATE INDEX entries_by_hand ON entries (guild_id, member_id, at) WHERE moderator_id IS NOT NULL;
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- INSERT OR REPLACE deletes what it meets without asking the trigger above.
CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_no_repeat BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = NEW.kind AND nth = NEW.nth)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER entries_need_reserve BEFORE INSERT ON entries
WHEN NEW.kind IN ('charge', 'release', 'refund') AND NOT EXISTS
    (SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = 'reserve' AND guild_id = NEW.guild_id
        AND member_id = NEW.member_id AND model = NEW.model AND (NEW.kind = 'refund' OR held = -NEW.held))
BEGIN SELECT RAISE(ABORT, 'an entry without its reserve'); END;
CREATE TRIGGER entries_end_once BEFORE INSERT ON entries
WHEN NEW.kind IN ('charge', 'release') AND EXISTS
    (SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind IN ('charge', 'release') AND kind <> NEW.kind)
BEGIN SELECT RAISE(ABORT, 'a hold ends once'); END;

-- The rollup, kept in the entry's own transaction: a row for each server, day (grain 'day') or month
-- (grain 'month'; start is its first day) or all time (grain 'ever', start 0), member and model. Days count
-- from 1970-01-01 UTC. member_id 0 is the server as a whole. The key begins with the time: a report reads one
-- stretch of it, a check single rows.
-- jobs: ended with images or failed (failures). spent: as in entries, corrections (adjusted, positive: given
-- back) and refunds (refunded) included; so spent + refunded + adjusted is what was charged.
CREATE TABLE usage (
    guild_id BIGINT NOT NULL,
    grain TEXT NOT NULL CHECK (grain IN ('day', 'month', 'ever')),
    start INTEGER NOT NULL,
    member_id BIGINT NOT NULL,
    model TEXT NOT NULL,
    jobs INTEGER NOT NULL DEFAULT 0,
    images INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    spent BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    adjusted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, grain, start, member_id, model)
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
    PRIMARY KEY (guild_id, target_kind, target_id, period),
    CHECK ((target_kind = 'server') = (target_id = 0))
);

CREATE TABLE notice_channels (guild_id BIGINT PRIMARY KEY, channel_id BIGINT NOT NULL);
-- Once for each subject, period and percent reached. member_id 0 is the server. used and credits are what
-- was used (held included) and allowed then; ends_at is when the period renews; sent: said in the channel.
CREATE TABLE notices (
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    start INTEGER NOT NULL,
    percent INTEGER NOT NULL,
    used BIGINT NOT NULL,
    credits BIGINT NOT NULL,
    at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, member_id, period, start, percent)
);
CREATE INDEX notices_waiting ON notices (guild_id) WHERE sent = 0;

-- The provider's balance as each reply told it (accounts/balance.py). alone: no other submission was open
-- meanwhile, so that it can be compared with the last one that was. Then last_entry is the newest entry of the
-- ledger by then, and committed the cost of the jobs that the provider had accepted and that had not ended.
CREATE TABLE balances (
    id INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    job_id TEXT,
    cost BIGINT,
    remaining BIGINT NOT NULL,
    alone INTEGER NOT NULL,
    last_entry BIGINT,
    committed BIGINT,
    CHECK (alone = 0 OR (last_entry IS NOT NULL AND committed IS NOT NULL))
);
CREATE INDEX balances_alone ON balances (id) WHERE alone = 1;
CREATE INDEX balances_of_job ON balances (job_id) WHERE job_id IS NOT NULL;
CREATE TABLE drifts (
    id INTEGER PRIMARY KEY,
    since BIGINT NOT NULL,
    at BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0)
);
-- Jobs that a drift may come from.
CREATE TABLE suspects (
    drift_id BIGINT NOT NULL REFERENCES drifts (id),
    job_id TEXT NOT NULL,
    PRIMARY KEY (drift_id, job_id)
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
