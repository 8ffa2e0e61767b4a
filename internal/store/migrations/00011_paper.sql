-- +goose Up

-- Entries and corrections of how many signed a petition on paper. Rows are only added;
-- petitions.paper_count is their sum. received is a day, sender and checked name
-- organisations; all but staff_id is public.
CREATE TABLE paper_counts (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    change      INTEGER NOT NULL,
    received    TEXT    NOT NULL,
    sender      TEXT    NOT NULL,
    checked     TEXT    NOT NULL,
    how         TEXT    NOT NULL, -- 'counted', 'sampled'
    why         TEXT    NOT NULL, -- of a correction
    staff_id    INTEGER NOT NULL,
    at          INTEGER NOT NULL
);
CREATE INDEX paper_counts_by_petition ON paper_counts (petition_id, no);

-- A petition's number was handed to somebody: the number as it was published then, with
-- its parts, the batch it came from and the last entry of paper in it. Public but for
-- staff_id, and only added to.
CREATE TABLE handovers (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    recipient   TEXT    NOT NULL,
    behalf      TEXT    NOT NULL,
    day         TEXT    NOT NULL,
    version     BLOB    NOT NULL, -- of the text
    batch       INTEGER NOT NULL, -- 0: none was published yet
    number      INTEGER NOT NULL,
    imported    INTEGER NOT NULL,
    paper       INTEGER NOT NULL,
    paper_no    INTEGER NOT NULL, -- of paper_counts; 0: none
    staff_id    INTEGER NOT NULL,
    at          INTEGER NOT NULL
);
CREATE INDEX handovers_by_petition ON handovers (petition_id, no);

-- What became of hand-overs; the newest holds.
CREATE TABLE handover_outcomes (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    handover_no INTEGER NOT NULL,
    outcome     TEXT    NOT NULL, -- 'accepted', 'refused', 'no-reply'
    day         TEXT    NOT NULL,
    staff_id    INTEGER NOT NULL,
    at          INTEGER NOT NULL
);
CREATE INDEX handover_outcomes_by_handover ON handover_outcomes (handover_no, no);

-- +goose Down
SELECT 1;
