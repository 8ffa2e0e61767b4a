-- +goose Up

-- What staff keep beside a petition and nobody else reads. It ends with the petition's
-- keys. note_no counts how often the note was saved: whoever saves says which one they
-- read, so that nobody's words are lost. A lock says who is changing the text.
CREATE TABLE desk_files (
    petition_id  INTEGER PRIMARY KEY,
    note         TEXT    NOT NULL DEFAULT '',
    note_no      INTEGER NOT NULL DEFAULT 0,
    note_by      INTEGER NOT NULL DEFAULT 0,
    note_at      INTEGER NOT NULL DEFAULT 0,
    flagged_at   INTEGER NOT NULL DEFAULT 0,
    parked_why   TEXT    NOT NULL DEFAULT '',
    parked_until INTEGER NOT NULL DEFAULT 0, -- it comes back at this instant
    assigned_to  INTEGER NOT NULL DEFAULT 0,
    lock_by      INTEGER NOT NULL DEFAULT 0,
    lock_at      INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE desk_tags (
    tag         TEXT    NOT NULL,
    petition_id INTEGER NOT NULL,
    PRIMARY KEY (tag, petition_id)
) WITHOUT ROWID;
CREATE INDEX desk_tags_by_petition ON desk_tags (petition_id, tag);

-- What each of staff chose for themselves: the order of lists, which mails, who stands in.
CREATE TABLE staff_choices (
    staff_id INTEGER NOT NULL,
    what     TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    PRIMARY KEY (staff_id, what)
) WITHOUT ROWID;

-- Which news staff were told by mail, so that a restart tells nothing twice. since is the
-- instant the news is about: a petition that comes back is news again.
CREATE TABLE staff_told (
    what        TEXT    NOT NULL,
    petition_id INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    PRIMARY KEY (what, petition_id, since)
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
