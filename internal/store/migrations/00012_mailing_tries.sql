-- +goose Up

-- When a range was first tried: its 48 hours of tries begin then, however long the
-- relay's limits held it, or nobody was there to send it. 0: not yet.
ALTER TABLE mailing_ranges ADD COLUMN tried_at INTEGER NOT NULL DEFAULT 0;

-- Until now they began with the lease.
UPDATE mailing_ranges SET tried_at = taken_at WHERE tries > 0;

-- +goose Down
SELECT 1;
