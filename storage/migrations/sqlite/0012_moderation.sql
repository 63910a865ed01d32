-- What a server's managers may forbid or hide. words is a JSON list as they wrote it (domain/words.py); log_channel
-- is where every job is told of.
ALTER TABLE server_settings ADD COLUMN words TEXT NOT NULL DEFAULT '[]';
ALTER TABLE server_settings ADD COLUMN own_images INTEGER NOT NULL DEFAULT 0;
ALTER TABLE server_settings ADD COLUMN spoilers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE server_settings ADD COLUMN prompts_hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE server_settings ADD COLUMN age_restricted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE server_settings ADD COLUMN log_channel BIGINT;

-- What of it a job was accepted under. spoiler: '' nothing, 'results', 'all' (sources too).
ALTER TABLE jobs ADD COLUMN spoiler TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN prompt_hidden INTEGER NOT NULL DEFAULT 0;
