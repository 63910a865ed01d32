-- Looks that a server's managers wrote down for its members. folded is the name in one case; a job's style is JSON:
-- its name then, and which part of the prompt is the style's own.

CREATE TABLE styles (
    guild_id BIGINT NOT NULL,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    emoji TEXT NOT NULL,
    model TEXT,
    size TEXT,
    quality TEXT,
    used_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, folded)
);

ALTER TABLE jobs ADD COLUMN style TEXT;
