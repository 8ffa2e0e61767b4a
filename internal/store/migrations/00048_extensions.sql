-- +goose Up

-- Keys of petitions that live longer than people were told at the opening, once each.
-- state: 0 waits for the steward, 1 for a second person, 2 done, 3 void.
CREATE TABLE extensions (
    petition_id INTEGER PRIMARY KEY,
    before_at   INTEGER NOT NULL,
    until_at    INTEGER NOT NULL,
    why         TEXT    NOT NULL,
    staff_id    INTEGER NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0,
    release_no  INTEGER NOT NULL DEFAULT 0,
    at          INTEGER NOT NULL,
    assent      BLOB
);

-- +goose Down
SELECT 1;
