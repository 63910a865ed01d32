-- What guards the operator's key, and the members of a server from each other (docs/security.md).

-- A member's months in all servers: the operator's limit for a member is about their sum.
CREATE INDEX usage_of_member ON usage (member, start) WHERE grain = 'month';

-- Jobs that the provider took and that failed: it may have kept what they cost (storage/beyond.py).
CREATE INDEX jobs_failed ON jobs (ended_at) WHERE status = 'failed' AND provider_job_id IS NOT NULL;

-- Jobs that the provider's safety check refused, for two days: a member's third in ten minutes pauses them.
CREATE TABLE refusals (
    job_id TEXT PRIMARY KEY,
    member BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX refusals_of_member ON refusals (member, at);
CREATE INDEX refusals_by_time ON refusals (at);

-- What is still to be said in a server's channel for notices (guild 0: to the operator): a topic and its values.
CREATE TABLE announcements (
    id INTEGER PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    topic TEXT NOT NULL,
    details TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- Why a reaction was refused, for members whom no direct message reaches: told at their next command.
CREATE TABLE untold (
    member_id BIGINT PRIMARY KEY,
    reason TEXT NOT NULL,
    details TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- The event that asked for a correction, so that a repeat makes no second one.
ALTER TABLE reasons ADD COLUMN event TEXT;
CREATE UNIQUE INDEX reasons_by_event ON reasons (event) WHERE event IS NOT NULL;
-- The event is a key of its own, and stays when the text is taken away.
DROP TRIGGER reasons_no_update;
DROP TRIGGER reasons_no_replace;
CREATE TRIGGER reasons_no_update BEFORE UPDATE ON reasons
WHEN NEW.id <> OLD.id OR NEW.text IS NOT NULL OR COALESCE(NEW.event, '') <> COALESCE(OLD.event, '')
BEGIN SELECT RAISE(ABORT, 'a reason can only be taken away'); END;
CREATE TRIGGER reasons_no_replace BEFORE INSERT ON reasons
WHEN EXISTS (SELECT 1 FROM reasons WHERE id = NEW.id OR event = NEW.event)
BEGIN SELECT RAISE(ABORT, 'a reason can only be taken away'); END;
