-- +goose Up

-- Until when an address stays on the stop list, 0: for ever; and, of one that a server
-- called dead, how often in a row.
ALTER TABLE stopped ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stopped ADD COLUMN bounces INTEGER NOT NULL DEFAULT 0;

-- Return tokens that were acted on, by their hash: each acts once. day is the mail's own;
-- rows go when no token of that day is believed any more.
CREATE TABLE returns (
    token_hash BLOB    PRIMARY KEY,
    day        INTEGER NOT NULL
) WITHOUT ROWID;

-- How many mails came back on a day, by what became of it. Nothing in it is about one mail.
CREATE TABLE return_counts (
    day   INTEGER NOT NULL,
    what  TEXT    NOT NULL,
    mails INTEGER NOT NULL,
    PRIMARY KEY (day, what)
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
