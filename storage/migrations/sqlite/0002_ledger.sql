-- The ledger's second shape (docs/storage.md), from the first one, which was released as 0001.
-- Applied with foreign keys off, in one transaction; begun anew if it was broken off.
-- A line "-- part: …" is said to whoever waits; "-- space: …" is what must be free on the disk, in sizes of the
-- database (2.9 were measured).
-- space: 3.5

-- last_entry: the ledger's newest row by then; rows up to it were booked under earlier rules.
CREATE TABLE versions (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    at BIGINT NOT NULL,
    last_entry BIGINT NOT NULL DEFAULT 0
);
INSERT INTO versions (number, at) VALUES (1, 0);

-- part: people
-- Who is who: everything else knows a member, and a moderator, by the surrogate. Rows stay for ever, so that no
-- surrogate is used twice; without a snowflake nobody can tell whose it was. 0 is no member: a server's rollup.
CREATE TABLE members (
    surrogate INTEGER PRIMARY KEY CHECK (surrogate > 0),
    snowflake BIGINT UNIQUE CHECK (snowflake > 0)
);
INSERT INTO members (snowflake)
    SELECT member_id FROM jobs UNION SELECT member_id FROM entries
    UNION SELECT moderator_id FROM entries WHERE moderator_id IS NOT NULL
    UNION SELECT member_id FROM usage WHERE member_id > 0 UNION SELECT member_id FROM wishes
    ORDER BY 1;

-- Keys of the provider, each with its own account there: 1 is the operator's (guild_id 0), others are a
-- server's own. A key that is used no more keeps its row and number; a server uses one at a time.
CREATE TABLE keys (id INTEGER PRIMARY KEY CHECK (id > 0), guild_id BIGINT NOT NULL, ended_at BIGINT);
INSERT INTO keys (id, guild_id) VALUES (1, 0);
CREATE UNIQUE INDEX keys_in_use ON keys (guild_id) WHERE ended_at IS NULL;

DROP INDEX jobs_open;
DROP INDEX jobs_of_member;
DROP INDEX jobs_waiting;
DROP INDEX jobs_by_card;
DROP INDEX jobs_to_close;
DROP INDEX jobs_with_token;
DROP INDEX images_by_file;
DROP INDEX messages_by_id;
DROP INDEX entries_once;
DROP INDEX entries_by_hand;
DROP TRIGGER entries_no_update;
DROP TRIGGER entries_no_delete;
DROP TRIGGER entries_no_replace;
DROP TRIGGER entries_no_repeat;
DROP TRIGGER entries_need_reserve;
DROP TRIGGER entries_end_once;
DROP INDEX balances_alone;
DROP INDEX balances_of_job;
ALTER TABLE jobs RENAME TO old_jobs;
ALTER TABLE images RENAME TO old_images;
ALTER TABLE messages RENAME TO old_messages;
ALTER TABLE entries RENAME TO old_entries;
ALTER TABLE usage RENAME TO old_usage;
ALTER TABLE balances RENAME TO old_balances;
ALTER TABLE drifts RENAME TO old_drifts;
ALTER TABLE suspects RENAME TO old_suspects;
ALTER TABLE wishes RENAME TO old_wishes;

-- part: names of jobs
-- Other names of a job: the event that asked for it ("i" and the interaction's id), so that a repeated event
-- makes no second one, and the names that jobs of the first shape had, which their cards' buttons carry. One
-- of those named a member: r<message>-<member>-<n>; here the surrogate stands for them (storage/events.py).
CREATE TABLE aliases (alias TEXT PRIMARY KEY, job_id TEXT NOT NULL);
INSERT INTO aliases (alias, job_id) SELECT id, lower(hex(randomblob(10))) FROM old_jobs ORDER BY id;

-- part: jobs
-- One row a job; `id` is random and says nothing.
-- Moves, each a compare-and-set on `status` (domain/job.py, MOVES):
--   queued -> submitting -> running -> delivering -> done, and failed, cancelled, unknown beside it.
-- reserved and raised are held together. cost: what the provider said when it took the job; billed:
-- when it ended. image_count, source_count: as asked. follows: the job whose card and place this one took.
-- role_ids: those of the member's roles that had an allowance, until the job ends: a price that rises meanwhile
-- is held against the same limits.
-- `claim` is what a webhook says the provider calls a job whose answer did not come: to be asked about.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('edit', 'generate')),
    origin TEXT NOT NULL,
    key_id BIGINT NOT NULL DEFAULT 1,
    guild_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    member BIGINT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    options TEXT NOT NULL,
    image_count INTEGER NOT NULL,
    source_count INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN
        ('queued', 'submitting', 'running', 'unknown', 'delivering', 'done', 'failed', 'cancelled')),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    raised BIGINT NOT NULL DEFAULT 0 CHECK (raised >= 0),
    role_ids TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    parent_id TEXT,
    follows TEXT,
    token TEXT,
    token_expires_at BIGINT NOT NULL DEFAULT 0,
    card_channel_id BIGINT,
    card_id BIGINT,
    sources_ready INTEGER NOT NULL DEFAULT 0,
    provider_job_id TEXT,
    secret TEXT,
    claim TEXT,
    submitted_at BIGINT,
    completed_at BIGINT,
    ended_at BIGINT,
    cost BIGINT,
    billed BIGINT,
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
-- An open job holds at least what it is known to cost.
INSERT INTO jobs
    SELECT a.job_id, j.kind, j.origin, 1, j.guild_id, j.channel_id, m.surrogate, j.model, j.prompt, j.options,
        COALESCE(json_extract(j.options, '$.count'), 1),
        (SELECT count(*) FROM old_images AS i WHERE i.job_id = j.id AND i.role = 'source'),
        j.status, j.reserved,
        CASE WHEN j.status IN ('queued', 'submitting', 'running', 'unknown') AND j.cost > j.reserved
            THEN j.cost - j.reserved ELSE 0 END,
        '', j.created_at, (SELECT p.job_id FROM aliases AS p WHERE p.alias = j.parent_id),
        CASE WHEN j.id = j.parent_id || '-2' THEN (SELECT p.job_id FROM aliases AS p WHERE p.alias = j.parent_id) END,
        j.token, j.token_expires_at, j.card_channel_id, j.card_id, j.sources_ready, j.provider_job_id,
        j.secret, j.claim, j.submitted_at, j.completed_at, j.ended_at, j.cost, NULL, j.failure, j.rung,
        j.rung_at, j.attachment_limit, j.note, j.collected, j.reminded, j.deleted
    FROM old_jobs AS j CROSS JOIN aliases AS a ON a.alias = j.id
    CROSS JOIN members AS m ON m.snowflake = j.member_id
    ORDER BY j.rowid;
-- part: indexes of jobs
-- Covers what is held of a member (and of a server: few jobs are open). SQLite takes a partial index only
-- for a query that repeats its condition word for word, so the list stays in alphabetical order.
CREATE INDEX jobs_open ON jobs (member, guild_id, status, reserved, raised)
    WHERE status IN ('delivering', 'queued', 'running', 'submitting', 'unknown');
CREATE INDEX jobs_of_member ON jobs (member, guild_id, created_at);
CREATE INDEX jobs_waiting ON jobs (member) WHERE collected = 0;
CREATE INDEX jobs_by_card ON jobs (card_id) WHERE card_id IS NOT NULL;
CREATE INDEX jobs_to_close ON jobs (ended_at) WHERE status IN ('cancelled', 'done', 'failed') AND reminded = 0;
CREATE INDEX jobs_with_token ON jobs (token_expires_at) WHERE token IS NOT NULL;
CREATE INDEX jobs_dearer ON jobs (completed_at, billed, cost, reserved, raised)
    WHERE billed > COALESCE(cost, reserved + raised);
CREATE UNIQUE INDEX jobs_by_provider_id ON jobs (provider_job_id) WHERE provider_job_id IS NOT NULL;
CREATE UNIQUE INDEX jobs_by_secret ON jobs (secret) WHERE secret IS NOT NULL;
CREATE UNIQUE INDEX jobs_follow_once ON jobs (follows) WHERE follows IS NOT NULL;

-- part: images
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
INSERT INTO images
    SELECT a.job_id, i.role, i.position, replace(i.name, i.job_id, a.job_id), i.url, i.url_expires_at, i.attached,
        i.sha256, i.media_type, i.size, i.width, i.height
    FROM old_images AS i CROSS JOIN aliases AS a ON a.alias = i.job_id;
-- Results that became sources: their files were named by another job, and some of those by a member.
UPDATE images SET name = replace(images.name, '-' || named.snowflake || '-', '-' || named.surrogate || '-')
    FROM (
        SELECT n.place, m.snowflake, m.surrogate
        FROM (
            SELECT rowid AS place, substr(name, instr(name, 'darkroom-r') + 10) AS rest FROM images
            WHERE instr(name, 'darkroom-r') > 0
        ) AS n
        JOIN members AS m ON m.snowflake = CAST(substr(n.rest, instr(n.rest, '-') + 1) AS BIGINT)
    ) AS named
    WHERE images.rowid = named.place;
CREATE INDEX images_by_file ON images (sha256) WHERE sha256 IS NOT NULL;
-- Files that no row names any more, since when; `going`: being deleted, nobody may name it now.
CREATE TABLE unnamed_files (sha256 TEXT PRIMARY KEY, since BIGINT NOT NULL, going INTEGER NOT NULL DEFAULT 0);

-- Messages beside the card that carry results (a spread delivery) or remind: removed with the job.
CREATE TABLE messages (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    message_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    PRIMARY KEY (job_id, message_id)
);
INSERT INTO messages
    SELECT a.job_id, o.message_id, o.channel_id, replace(o.purpose, o.job_id, a.job_id)
    FROM old_messages AS o CROSS JOIN aliases AS a ON a.alias = o.job_id;
CREATE UNIQUE INDEX messages_by_id ON messages (message_id);

-- A member's n-th wish on a message (a reaction) and the job that it made; taken back, the next one is new.
CREATE TABLE wishes (
    message_id BIGINT NOT NULL,
    member BIGINT NOT NULL,
    n INTEGER NOT NULL,
    job_id TEXT NOT NULL,
    taken_back INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (message_id, member, n)
);
-- The key was r<message>-<member>-<n>; a count says how many of them were taken back.
INSERT INTO wishes
    SELECT k.message_id, m.surrogate, k.n, k.job_id, k.n < COALESCE(w.taken_back, 0)
    FROM (
        SELECT CAST(substr(j.id, 2, instr(j.id, '-') - 2) AS INTEGER) AS message_id, j.member_id,
            CAST(substr(j.id, instr(j.id, '-') + length(CAST(j.member_id AS TEXT)) + 2) AS INTEGER) AS n,
            a.job_id
        FROM old_jobs AS j JOIN aliases AS a ON a.alias = j.id WHERE j.id >= 'r' AND j.id < 's'
            AND COALESCE(j.id <> j.parent_id || '-2', 1)
    ) AS k
    JOIN members AS m ON m.snowflake = k.member_id
    LEFT JOIN old_wishes AS w ON w.message_id = k.message_id AND w.member_id = k.member_id;

-- part: entries
-- What people wrote beside an entry, outside of what is append-only; NULL: taken away.
CREATE TABLE reasons (id INTEGER PRIMARY KEY CHECK (id > 0), text TEXT CHECK (text <> ''));
INSERT INTO reasons (id, text) SELECT id, cause FROM old_entries WHERE kind = 'adjust';

-- The ledger: append-only; see domain/entries.py for what `held` and `spent` mean. Ids are in commit order.
CREATE TABLE entries (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'raise', 'charge', 'release', 'refund', 'adjust')),
    key_id BIGINT NOT NULL DEFAULT 1,
    job_id TEXT,
    guild_id BIGINT NOT NULL,
    member BIGINT NOT NULL,
    model TEXT NOT NULL,
    at BIGINT NOT NULL,
    held BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    images INTEGER NOT NULL DEFAULT 0,
    cause TEXT NOT NULL DEFAULT '',
    reason_id BIGINT,
    moderator BIGINT,
    nth INTEGER NOT NULL DEFAULT 1 CHECK (nth = 1 OR (kind IN ('raise', 'refund') AND nth > 1)),
    CHECK ((job_id IS NULL) = (kind = 'adjust')),
    CHECK (kind <> 'refund' OR cause <> ''),
    CHECK (kind <> 'adjust' OR (held = 0 AND spent <> 0 AND moderator IS NOT NULL)),
    CHECK ((reason_id IS NOT NULL) = (kind = 'adjust')),
    CHECK (kind <> 'reserve' OR (held >= 0 AND spent = 0)),
    CHECK (kind <> 'raise' OR (held > 0 AND spent = 0)),
    CHECK (kind <> 'charge' OR (held <= 0 AND spent >= 0 AND images > 0)),
    CHECK (kind <> 'release' OR (held <= 0 AND spent = 0)),
    CHECK (kind <> 'refund' OR (held = 0 AND spent < 0)),
    CHECK (kind = 'charge' OR images = 0)
);
INSERT INTO entries
    SELECT e.id, e.kind, 1, COALESCE(a.job_id, e.job_id), e.guild_id, m.surrogate, e.model, e.at, e.held, e.spent,
        e.images, CASE WHEN e.kind = 'adjust' THEN '' ELSE e.cause END,
        CASE WHEN e.kind = 'adjust' THEN e.id END, o.surrogate, e.nth
    FROM old_entries AS e
    LEFT JOIN aliases AS a ON a.alias = e.job_id
    CROSS JOIN members AS m ON m.snowflake = e.member_id
    LEFT JOIN members AS o ON o.snowflake = e.moderator_id
    ORDER BY e.id;
-- Jobs under way whose cost was known to be above what was held.
INSERT INTO entries (kind, job_id, guild_id, member, model, at, held, spent)
    SELECT 'raise', a.job_id, o.guild_id, m.surrogate, o.model,
        (SELECT e.at FROM old_entries AS e ORDER BY e.id DESC LIMIT 1), o.cost - o.reserved, 0
    FROM old_jobs AS o JOIN aliases AS a ON a.alias = o.id JOIN members AS m ON m.snowflake = o.member_id
    WHERE o.status IN ('queued', 'submitting', 'running', 'unknown') AND o.cost > o.reserved
    ORDER BY o.created_at, a.job_id;
-- part: indexes of entries
-- A job is reserved, charged and released once; it may be raised and refunded again (nth).
CREATE UNIQUE INDEX entries_once ON entries (job_id, kind, nth);
CREATE INDEX entries_by_hand ON entries (guild_id, member, at) WHERE moderator IS NOT NULL;
-- What a key used in the last day: charges, and what was held for jobs of which the provider never spoke.
CREATE INDEX entries_of_key ON entries (key_id, at, kind, spent, held)
    WHERE kind = 'charge' OR cause = 'never_answered';
-- For people: the ledger with the ids that Discord has, and what was written beside an entry.
CREATE VIEW ledger AS
    SELECT e.id, e.at, e.kind, e.key_id, e.guild_id, m.snowflake AS member_id, e.model, e.job_id, e.held,
        e.spent, e.images, CASE WHEN e.reason_id IS NULL THEN e.cause ELSE COALESCE(r.text, '') END AS cause,
        o.snowflake AS moderator_id
    FROM entries AS e JOIN members AS m ON m.surrogate = e.member
    LEFT JOIN members AS o ON o.surrogate = e.moderator LEFT JOIN reasons AS r ON r.id = e.reason_id;
-- Names of everything in the database: SQLite's catalogue under a name that other engines can have.
CREATE VIEW catalogue AS SELECT type, name, tbl_name, sql FROM sqlite_master;

-- part: rollup
-- Kept in the entry's own transaction: a row for each server, day (grain 'day') or month
-- (grain 'month'; start is its first day) or all time (grain 'ever', start 0), member and model. Days count
-- from 1970-01-01 UTC. member 0 is the server as a whole. The key begins with the time: a report reads one
-- stretch of it, a check single rows.
-- jobs: ended with images or failed (failures). spent: as in entries, corrections (adjusted, positive: given
-- back) and refunds (refunded) included; so spent + refunded + adjusted is what was charged.
CREATE TABLE usage (
    guild_id BIGINT NOT NULL,
    grain TEXT NOT NULL CHECK (grain IN ('day', 'month', 'ever')),
    start INTEGER NOT NULL,
    member BIGINT NOT NULL,
    model TEXT NOT NULL,
    jobs INTEGER NOT NULL DEFAULT 0,
    images INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    spent BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    adjusted BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, grain, start, member, model)
) WITHOUT ROWID;
INSERT INTO usage
    SELECT u.guild_id, u.grain, u.start, COALESCE(m.surrogate, 0), u.model, u.jobs, u.images, u.failures, u.spent,
        u.refunded, u.adjusted
    FROM old_usage AS u LEFT JOIN members AS m ON m.snowflake = u.member_id;

-- part: balances
-- The provider's balance as each reply told it (accounts/balance.py). alone: no other submission was open
-- meanwhile, so that it can be compared with the last one that was. Then last_entry is the newest entry of the
-- ledger by then, and committed the cost of the jobs that the provider had accepted and that had not ended.
CREATE TABLE balances (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    key_id BIGINT NOT NULL DEFAULT 1,
    at BIGINT NOT NULL,
    job_id TEXT,
    cost BIGINT,
    remaining BIGINT NOT NULL,
    alone INTEGER NOT NULL,
    last_entry BIGINT,
    committed BIGINT,
    CHECK (alone = 0 OR (last_entry IS NOT NULL AND committed IS NOT NULL))
);
INSERT INTO balances
    SELECT b.id, 1, b.at, a.job_id, b.cost, b.remaining, b.alone, b.last_entry, b.committed
    FROM old_balances AS b LEFT JOIN aliases AS a ON a.alias = b.job_id ORDER BY b.id;
CREATE INDEX balances_alone ON balances (id) WHERE alone = 1;
CREATE INDEX balances_of_job ON balances (job_id) WHERE job_id IS NOT NULL;
CREATE TABLE drifts (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    key_id BIGINT NOT NULL DEFAULT 1,
    since BIGINT NOT NULL,
    at BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0)
);
INSERT INTO drifts SELECT id, 1, since, at, amount FROM old_drifts;
-- Jobs that a drift may come from.
CREATE TABLE suspects (
    drift_id BIGINT NOT NULL REFERENCES drifts (id),
    job_id TEXT NOT NULL,
    PRIMARY KEY (drift_id, job_id)
);
INSERT INTO suspects
    SELECT s.drift_id, a.job_id FROM old_suspects AS s JOIN aliases AS a ON a.alias = s.job_id;

-- What was learned of a model beyond the catalogue, its prices among it: JSON (storage/learned.py).
CREATE TABLE learned (
    key_id BIGINT NOT NULL DEFAULT 1,
    model TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key_id, model)
);
INSERT INTO learned (model, value)
    SELECT substr(f.name, 7), CASE WHEN a.job_id IS NULL THEN f.value
        ELSE json_set(f.value, '$.tried_by', a.job_id) END
    FROM facts AS f LEFT JOIN aliases AS a
        ON a.alias = CASE WHEN json_valid(f.value) THEN json_extract(f.value, '$.tried_by') END
    WHERE f.name LIKE 'model:%';
DELETE FROM facts WHERE name LIKE 'model:%';

-- What the work ahead needs to remember; see docs/storage.md.
-- Places where the bot was refused, how often in a row (the last time: refused_at), and until when they are
-- left alone. channel_id 0 is the server as a whole; a success, or a permission that comes back, deletes the row.
CREATE TABLE places (
    guild_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    refusals INTEGER NOT NULL CHECK (refusals > 0),
    refused_at BIGINT NOT NULL,
    until BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, channel_id)
);
-- Who may not ask, and where: guild_id 0 is everywhere, member 0 everybody (both: all new work is paused).
-- cause: who decided it; they do not undo each other. reason: what a person wrote, which can be taken away.
-- until NULL: until it is lifted. strikes: pauses so far, each longer than the last; they outlast the pause.
CREATE TABLE blocks (
    guild_id BIGINT NOT NULL,
    member BIGINT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('operator', 'manager', 'safety')),
    reason TEXT,
    set_by BIGINT,
    since BIGINT NOT NULL,
    until BIGINT,
    strikes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, member, cause)
);

-- part: guards
UPDATE aliases
    SET alias = substr(alias, 1, instr(alias, '-')) || m.surrogate
        || substr(alias, instr(alias, '-') + 1 + length(m.snowflake))
    FROM old_jobs AS j JOIN members AS m ON m.snowflake = j.member_id
    WHERE j.id >= 'r' AND j.id < 's' AND aliases.alias = j.id;

-- What is never changed, never goes and is never replaced. SQLite deletes what OR REPLACE meets without asking
-- a trigger on DELETE: so an INSERT or UPDATE that would meet another row is refused beforehand. A key that is
-- not given is -1 here, which no row has.
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_in_order AFTER INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE id > NEW.id)
BEGIN SELECT RAISE(ABORT, 'ids are in the order of commits'); END;
CREATE TRIGGER entries_no_repeat BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = NEW.kind AND nth = NEW.nth)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER entries_need_reserve BEFORE INSERT ON entries
WHEN NEW.kind IN ('raise', 'charge', 'release', 'refund') AND NOT EXISTS
    (SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = 'reserve' AND key_id = NEW.key_id
        AND guild_id = NEW.guild_id AND member = NEW.member AND model = NEW.model)
BEGIN SELECT RAISE(ABORT, 'an entry without its reserve'); END;
CREATE TRIGGER entries_end_whole BEFORE INSERT ON entries
WHEN NEW.kind IN ('charge', 'release') AND -NEW.held <>
    (SELECT SUM(held) FROM entries WHERE job_id = NEW.job_id AND kind IN ('raise', 'reserve'))
BEGIN SELECT RAISE(ABORT, 'a hold ends whole'); END;
CREATE TRIGGER entries_end_once BEFORE INSERT ON entries
WHEN NEW.kind IN ('raise', 'charge', 'release') AND EXISTS
    (SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind IN ('charge', 'release') AND kind <> NEW.kind)
BEGIN SELECT RAISE(ABORT, 'a hold ends once'); END;
CREATE TRIGGER entries_within_hold BEFORE INSERT ON entries WHEN NEW.kind = 'charge' AND NEW.spent > -NEW.held
BEGIN SELECT RAISE(ABORT, 'a charge above what was held'); END;
CREATE TRIGGER members_no_update BEFORE UPDATE ON members
WHEN NEW.surrogate <> OLD.surrogate OR NEW.snowflake IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a surrogate is never used again'); END;
CREATE TRIGGER members_no_delete BEFORE DELETE ON members
BEGIN SELECT RAISE(ABORT, 'a surrogate is never used again'); END;
CREATE TRIGGER members_no_replace BEFORE INSERT ON members
WHEN EXISTS (SELECT 1 FROM members WHERE surrogate = NEW.surrogate OR snowflake = NEW.snowflake)
BEGIN SELECT RAISE(ABORT, 'a surrogate is never used again'); END;
CREATE TRIGGER reasons_no_update BEFORE UPDATE ON reasons WHEN NEW.id <> OLD.id OR NEW.text IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a reason can only be taken away'); END;
CREATE TRIGGER reasons_no_delete BEFORE DELETE ON reasons
BEGIN SELECT RAISE(ABORT, 'a reason can only be taken away'); END;
CREATE TRIGGER reasons_no_replace BEFORE INSERT ON reasons WHEN EXISTS (SELECT 1 FROM reasons WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a reason can only be taken away'); END;
CREATE TRIGGER keys_no_update BEFORE UPDATE ON keys
WHEN NEW.id <> OLD.id OR NEW.guild_id <> OLD.guild_id OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'a number of a key is never used again'); END;
CREATE TRIGGER keys_no_delete BEFORE DELETE ON keys
BEGIN SELECT RAISE(ABORT, 'a number of a key is never used again'); END;
CREATE TRIGGER keys_no_replace BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys
    WHERE id = NEW.id OR (guild_id = NEW.guild_id AND ended_at IS NULL AND NEW.ended_at IS NULL))
BEGIN SELECT RAISE(ABORT, 'a number of a key is never used again'); END;
CREATE TRIGGER versions_no_update BEFORE UPDATE ON versions
BEGIN SELECT RAISE(ABORT, 'what was applied was applied'); END;
CREATE TRIGGER versions_no_delete BEFORE DELETE ON versions
BEGIN SELECT RAISE(ABORT, 'what was applied was applied'); END;
CREATE TRIGGER versions_no_replace BEFORE INSERT ON versions
WHEN EXISTS (SELECT 1 FROM versions WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'what was applied was applied'); END;
CREATE TRIGGER balances_no_update BEFORE UPDATE ON balances
BEGIN SELECT RAISE(ABORT, 'what the provider said it said'); END;
CREATE TRIGGER balances_no_delete BEFORE DELETE ON balances
BEGIN SELECT RAISE(ABORT, 'what the provider said it said'); END;
CREATE TRIGGER balances_no_replace BEFORE INSERT ON balances
WHEN EXISTS (SELECT 1 FROM balances WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'what the provider said it said'); END;
CREATE TRIGGER drifts_no_update BEFORE UPDATE ON drifts
BEGIN SELECT RAISE(ABORT, 'what was seen was seen'); END;
CREATE TRIGGER drifts_no_delete BEFORE DELETE ON drifts
BEGIN SELECT RAISE(ABORT, 'what was seen was seen'); END;
CREATE TRIGGER drifts_no_replace BEFORE INSERT ON drifts WHEN EXISTS (SELECT 1 FROM drifts WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'what was seen was seen'); END;
CREATE TRIGGER suspects_no_update BEFORE UPDATE ON suspects
BEGIN SELECT RAISE(ABORT, 'what was seen was seen'); END;
CREATE TRIGGER suspects_no_delete BEFORE DELETE ON suspects
BEGIN SELECT RAISE(ABORT, 'what was seen was seen'); END;
CREATE TRIGGER suspects_no_replace BEFORE INSERT ON suspects
WHEN EXISTS (SELECT 1 FROM suspects WHERE rowid = NEW.rowid OR (drift_id = NEW.drift_id AND job_id = NEW.job_id))
BEGIN SELECT RAISE(ABORT, 'what was seen was seen'); END;
CREATE TRIGGER aliases_no_update BEFORE UPDATE ON aliases
BEGIN SELECT RAISE(ABORT, 'a name leads to one job'); END;
CREATE TRIGGER aliases_no_replace BEFORE INSERT ON aliases
WHEN EXISTS (SELECT 1 FROM aliases WHERE rowid = NEW.rowid OR alias = NEW.alias)
BEGIN SELECT RAISE(ABORT, 'a name leads to one job'); END;
CREATE TRIGGER wishes_no_update BEFORE UPDATE ON wishes
WHEN NEW.rowid <> OLD.rowid OR NEW.message_id <> OLD.message_id OR NEW.member <> OLD.member
    OR NEW.n <> OLD.n OR NEW.job_id <> OLD.job_id OR COALESCE(NEW.taken_back, 0) < OLD.taken_back
BEGIN SELECT RAISE(ABORT, 'a wish leads to one job'); END;
CREATE TRIGGER wishes_no_replace BEFORE INSERT ON wishes
WHEN EXISTS (SELECT 1 FROM wishes
    WHERE rowid = NEW.rowid OR (message_id = NEW.message_id AND member = NEW.member AND n = NEW.n))
BEGIN SELECT RAISE(ABORT, 'a wish leads to one job'); END;
CREATE TRIGGER jobs_no_delete BEFORE DELETE ON jobs
BEGIN SELECT RAISE(ABORT, 'the ledger refers to every job'); END;
CREATE TRIGGER jobs_no_replace BEFORE INSERT ON jobs
WHEN EXISTS (SELECT 1 FROM jobs WHERE rowid = NEW.rowid OR id = NEW.id
    OR provider_job_id = NEW.provider_job_id OR secret = NEW.secret OR follows = NEW.follows)
BEGIN SELECT RAISE(ABORT, 'a job is never replaced'); END;
CREATE TRIGGER jobs_no_rename BEFORE UPDATE ON jobs WHEN NEW.id <> OLD.id OR NEW.rowid <> OLD.rowid
BEGIN SELECT RAISE(ABORT, 'a job is never replaced'); END;
CREATE TRIGGER jobs_no_meeting BEFORE UPDATE OF provider_job_id, secret, follows ON jobs
WHEN EXISTS (SELECT 1 FROM jobs
    WHERE id <> NEW.id AND (provider_job_id = NEW.provider_job_id OR secret = NEW.secret OR follows = NEW.follows))
BEGIN SELECT RAISE(ABORT, 'a job is never replaced'); END;

-- part: clearing up
DROP TABLE old_suspects;
DROP TABLE old_drifts;
DROP TABLE old_balances;
DROP TABLE old_usage;
DROP TABLE old_wishes;
DROP TABLE old_entries;
DROP TABLE old_messages;
DROP TABLE old_images;
DROP TABLE old_jobs;
