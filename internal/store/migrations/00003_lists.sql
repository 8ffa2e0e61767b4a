-- +goose Up

-- When people could first read an answer; of a debate, its outcome (0: only scheduled).
ALTER TABLE answers ADD COLUMN published_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX answers_by_kind ON answers (kind, published_at, petition_id);

-- What other sites' open data carried and we have no word for, as JSON. A table of its
-- own, because it may be 60 kB and lists must not read it.
CREATE TABLE petition_extras (
    petition_id INTEGER PRIMARY KEY,
    extra       TEXT NOT NULL
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

-- Holds all that lists sort and filter by, so that they need not read texts.
DROP INDEX petitions_by_state;
CREATE INDEX petitions_by_state ON petitions (state, opened_at, closes_at, rejected_at, kind, imported_count, paper_count);

-- Finds the batches of the last hour.
CREATE INDEX batches_by_time ON batches (at);

-- +goose Down
SELECT 1;
