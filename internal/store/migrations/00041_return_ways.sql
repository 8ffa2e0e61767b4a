-- +goose Up

-- Whether mails that come back could be taken in lately, for the desk: one row for each way,
-- written where that changes and once an hour. Nothing in it is about a mail.
CREATE TABLE return_ways (
    way   TEXT    PRIMARY KEY,
    works INTEGER NOT NULL,
    since INTEGER NOT NULL,
    at    INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
