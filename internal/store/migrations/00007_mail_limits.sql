-- +goose Up

-- How many mails the relay took, by the minute (since 1970), for a bit longer than a day:
-- its limits hold over a restart. Nothing in it is about one mail.
CREATE TABLE mail_sent (
    minute INTEGER PRIMARY KEY,
    sent   INTEGER NOT NULL
);

-- When a mail was first tried. Its 48 hours of tries begin then, however long the relay's
-- limits held it before; 0: before this column was there.
ALTER TABLE mail_retries ADD COLUMN first_at INTEGER NOT NULL DEFAULT 0;

-- 1: the relay's limit for a day is used up.
ALTER TABLE snapshot ADD COLUMN mail_full INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
