-- +goose Up

-- When people could first read an answer; of a debate, its outcome (0: only scheduled).
ALTER TABLE answers ADD COLUMN published_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX answers_by_kind ON answers (kind, published_at, petition_id);
-- With all that lists ask, so that they need not read past long answers: a page of 900
-- answered petitions takes 2.6 ms, without it 54.
DROP INDEX answers_by_petition;
CREATE INDEX answers_by_petition ON answers (petition_id, kind, published_at, date);

-- What other sites' open data carried and we have no word for, as JSON: extra in lists,
-- detail only in the petition's own document. A table of its own, because detail may be
-- 80 kB and pages must not read it.
CREATE TABLE petition_extras (
    petition_id INTEGER PRIMARY KEY,
    extra       TEXT NOT NULL,
    detail      TEXT NOT NULL
);

CREATE TABLE petition_topics (
    topic       TEXT    NOT NULL,
    petition_id INTEGER NOT NULL,
    PRIMARY KEY (topic, petition_id)
) WITHOUT ROWID;
CREATE INDEX petition_topics_by_petition ON petition_topics (petition_id, topic);

-- When a petition reached a threshold: what happens there, 'answer' or 'debate'.
CREATE TABLE milestones (
    petition_id INTEGER NOT NULL,
    what        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (petition_id, what)
) WITHOUT ROWID;
CREATE INDEX milestones_by_what ON milestones (what, at, petition_id);

-- The petitions that anybody may find, and no others: all that lists filter and sort by,
-- so that they read neither texts nor counts. number is the public one, at is when the
-- petition was opened or else rejected.
CREATE TABLE listings (
    petition_id INTEGER PRIMARY KEY,
    state       TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    closes_at   INTEGER NOT NULL
);
CREATE INDEX listings_by_number ON listings (state, number);
CREATE INDEX listings_by_time ON listings (state, at);
CREATE INDEX listings_by_number_alone ON listings (number);
CREATE INDEX listings_by_time_alone ON listings (at);

-- Finds the batches of the last hour.
CREATE INDEX batches_by_time ON batches (at);

-- +goose Down
SELECT 1;
