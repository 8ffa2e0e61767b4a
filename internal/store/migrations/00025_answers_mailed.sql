-- +goose Up

-- Answers that staff want mailed to the signers. The row alone moves nothing: the steward
-- mails a second person the full text, and what they agreed to is in assent, which only
-- its key makes. state: 0 waits for the steward, 1 for a second person, 2 agreed and
-- begins at begins_at, 3 the mailing is reserved, 4 came to nothing (why says the cause),
-- 5 stopped before. wish: what staff want of it now, 'stop', 'pause', 'resume'.
CREATE TABLE answer_orders (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    answer_id   INTEGER NOT NULL,
    override    TEXT    NOT NULL, -- public: why it is mailed before an election
    staff_id    INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    wish        TEXT    NOT NULL DEFAULT '',
    why         TEXT    NOT NULL DEFAULT '',
    people      INTEGER NOT NULL DEFAULT 0,
    minutes     INTEGER NOT NULL DEFAULT 0, -- it takes; 0: nobody knows
    release_no  INTEGER NOT NULL DEFAULT 0,
    begins_at   INTEGER NOT NULL DEFAULT 0,
    assent      BLOB    NOT NULL DEFAULT x'',
    mailing_no  INTEGER NOT NULL DEFAULT 0,
    at          INTEGER NOT NULL
);
CREATE INDEX answer_orders_by_petition ON answer_orders (petition_id, no);

-- A mailing's row alone sends nothing: assent is what only the steward's key makes of it.
ALTER TABLE mailings ADD COLUMN assent BLOB NOT NULL DEFAULT x'';
ALTER TABLE mailings ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
