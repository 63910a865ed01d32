-- What a server's managers chose for it. answers_in is a JSON list of channels.

CREATE TABLE server_settings (
    guild_id BIGINT PRIMARY KEY,
    answers_in TEXT NOT NULL DEFAULT '[]'
);
