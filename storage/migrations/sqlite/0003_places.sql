-- Places that refuse us: what is refused is counted for itself. Nothing has written the table before.

-- part: places
DROP TABLE places;
-- channel_id 0: the whole server; until in Unix milliseconds.
CREATE TABLE places (
    guild_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    deed TEXT NOT NULL,
    refusals INTEGER NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (guild_id, channel_id, deed)
);
