-- +goose Up

-- What an answer said before it was put right or ended. Rows are only added; withheld
-- takes the words away where reading them would harm somebody. written_at is since when
-- it said so, until when it ended. All but staff_id is public.
CREATE TABLE answer_versions (
    no           INTEGER PRIMARY KEY AUTOINCREMENT,
    answer_id    INTEGER NOT NULL,
    petition_id  INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    date         TEXT    NOT NULL,
    summary      TEXT    NOT NULL,
    details      TEXT    NOT NULL,
    links        TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    written_at   INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    why          TEXT    NOT NULL, -- '': another entry took its place
    ended        INTEGER NOT NULL, -- 1: no entry has its number any more
    withheld     INTEGER NOT NULL,
    staff_id     INTEGER NOT NULL
);
CREATE INDEX answer_versions_by_petition ON answer_versions (petition_id, no);

-- The departments a petition is with, in the order to show them. acronym and url are
-- what another site's open data said.
CREATE TABLE petition_departments (
    petition_id INTEGER NOT NULL,
    no          INTEGER NOT NULL, -- from 1
    name        TEXT    NOT NULL,
    acronym     TEXT    NOT NULL,
    url         TEXT    NOT NULL,
    PRIMARY KEY (petition_id, no)
) WITHOUT ROWID;

-- The role that somebody of staff had when they acted: the public history names it.
ALTER TABLE acts ADD COLUMN role TEXT NOT NULL DEFAULT '';
UPDATE acts SET role = COALESCE((SELECT role FROM staff WHERE id = acts.staff_id), '');

-- +goose Down
SELECT 1;
