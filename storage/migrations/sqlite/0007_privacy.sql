-- Delete means deleted, and what members may ask of what is kept of them (docs/security.md).

-- part: owners
-- Whose a source is, and whose words a prompt has, where that is not the job's own member. withdrawn: the owner took
-- a source or the words away, so the job is not done again. hidden: its card was deleted by somebody else, so nothing
-- more of it is posted in that channel.
ALTER TABLE images ADD COLUMN owner BIGINT;
ALTER TABLE jobs ADD COLUMN prompt_owner BIGINT;
ALTER TABLE jobs ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
-- Where each job's sources and words were brought in: rerolls lead there from job to job.
CREATE TABLE roots AS
WITH RECURSIVE up (job_id, at, origin, member, prompt, parent_id) AS (
    SELECT id, id, origin, member, prompt, parent_id FROM jobs WHERE parent_id IS NOT NULL
    UNION ALL
    SELECT up.job_id, p.id, p.origin, p.member, p.prompt, p.parent_id FROM up JOIN jobs AS p ON p.id = up.parent_id
        WHERE up.origin IN ('reroll', 'follow_up')
)
SELECT up.job_id, up.member AS brought, p.member AS made, up.prompt FROM up
    LEFT JOIN jobs AS p ON p.id = up.parent_id AND up.origin = 'edit_result'
    WHERE up.origin NOT IN ('reroll', 'follow_up');
CREATE INDEX roots_of_job ON roots (job_id);
UPDATE images SET owner = (SELECT CASE WHEN images.position = 1 THEN COALESCE(made, brought) ELSE brought END
        FROM roots WHERE roots.job_id = images.job_id)
    WHERE role = 'source' AND EXISTS (SELECT 1 FROM roots WHERE roots.job_id = images.job_id);
UPDATE images SET owner = NULL
    WHERE owner IS NOT NULL AND owner = (SELECT member FROM jobs WHERE jobs.id = images.job_id);
UPDATE jobs SET prompt_owner = (SELECT brought FROM roots WHERE roots.job_id = jobs.id AND roots.prompt = jobs.prompt)
    WHERE prompt <> '' AND EXISTS (SELECT 1 FROM roots WHERE roots.job_id = jobs.id AND roots.brought <> jobs.member);
DROP TABLE roots;

-- part: indexes
CREATE INDEX images_of_owner ON images (owner) WHERE owner IS NOT NULL;
CREATE INDEX jobs_of_parent ON jobs (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX jobs_of_prompt_owner ON jobs (prompt_owner) WHERE prompt_owner IS NOT NULL;
CREATE INDEX jobs_with_prompt ON jobs (created_at) WHERE prompt <> '';

-- part: privacy
-- Messages of ours that are to be deleted, until they are.
CREATE TABLE takedowns (message_id BIGINT PRIMARY KEY, channel_id BIGINT NOT NULL, since BIGINT NOT NULL);
-- own_images: others may not use this member's images. exported_at: when they last had their data.
CREATE TABLE privacy (
    member BIGINT PRIMARY KEY,
    own_images INTEGER NOT NULL DEFAULT 0,
    exported_at BIGINT NOT NULL DEFAULT 0
);
-- Messages of ours beside those of jobs that name a member (notices, lines for moderators).
CREATE TABLE mentions (
    message_id BIGINT PRIMARY KEY,
    channel_id BIGINT NOT NULL,
    member BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX mentions_of_member ON mentions (member);
-- Members who are to be erased: until their row is gone they can ask for nothing.
CREATE TABLE erasures (member BIGINT PRIMARY KEY, asked_at BIGINT NOT NULL);
-- What leads from a member who was erased to their surrogate: a keyed hash, until their allowances' periods end
-- and no block of theirs is in force (NULL: one has no end).
CREATE TABLE erased (hash TEXT NOT NULL, surrogate BIGINT PRIMARY KEY, until BIGINT);
CREATE INDEX erased_by_hash ON erased (hash);
