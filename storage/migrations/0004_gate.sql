-- What guards the operator's key, and the members of a server from each other (docs/security.md).

-- A member's months in all servers: the operator's limit for a member is about their sum.
CREATE INDEX usage_of_member ON usage (member, start) WHERE grain = 'month';

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
