-- +goose Up

-- Mails to everybody who signed a petition and asked for mail. The row is committed, and
-- public, before the first mail is made. UNIQUE holds the quota: a unit is taken once,
-- however many orders race. state: 'reserved', 'sending', 'done', 'stopped'.
CREATE TABLE mailings (
    no             INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id    INTEGER NOT NULL,
    unit           INTEGER NOT NULL, -- which of the quota, from 1
    quota          INTEGER NOT NULL, -- as it stood
    kind           TEXT    NOT NULL,
    words          TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    reserved_at    INTEGER NOT NULL,
    reserved_batch INTEGER NOT NULL, -- who signed later is not meant
    ended_at       INTEGER NOT NULL DEFAULT 0,
    cursor_no      INTEGER NOT NULL DEFAULT 0, -- the last signature in a range
    sent           INTEGER NOT NULL DEFAULT 0,
    failed         INTEGER NOT NULL DEFAULT 0,
    skipped        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (petition_id, unit)
);

-- What of a mailing is under way or done, a few thousand recipients a row: the numbers of
-- their signatures and a byte each for what became of them. See docs/formats.md.
CREATE TABLE mailing_ranges (
    mailing_no INTEGER NOT NULL,
    no         INTEGER NOT NULL, -- from 1
    signatures BLOB    NOT NULL,
    states     BLOB    NOT NULL,
    waiting    INTEGER NOT NULL, -- recipients without a final state
    taken_at   INTEGER NOT NULL,
    tries      INTEGER NOT NULL,
    next_at    INTEGER NOT NULL,
    PRIMARY KEY (mailing_no, no)
);
CREATE INDEX mailing_ranges_due ON mailing_ranges (next_at) WHERE waiting > 0;

-- The signers of a petition who asked for mail, in the order of their numbers. Not an
-- index on a random value: it grows at its petitions' ends.
CREATE INDEX signatures_to_mail ON signatures (petition_id, no) WHERE reply_sealed IS NOT NULL;

-- +goose Down
SELECT 1;
