-- +goose Up

-- How to mail news of who started a petition to a signer who agreed to that, beside the
-- answer: a part of its own under a key of its own. There is a row for nobody else. It
-- stays while a signature is held, and goes with it, with the reply part, or alone.
CREATE TABLE news_parts (
    signature_no INTEGER PRIMARY KEY,
    petition_id  INTEGER NOT NULL,
    sealed       BLOB    NOT NULL
);
CREATE INDEX news_parts_by_petition ON news_parts (petition_id, signature_no);

-- What who started a petition wrote for them. assent is what only the steward's key makes of
-- it, when the letter came: nobody else writes in their name. state: 0 waits for staff,
-- 1 refused (why says it), 2 its mailing is reserved. The rows go with the petition's keys.
CREATE TABLE bulletins (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0,
    why         TEXT    NOT NULL DEFAULT '',
    assent      BLOB    NOT NULL DEFAULT x'',
    at          INTEGER NOT NULL
);
CREATE INDEX bulletins_by_petition ON bulletins (petition_id, no);

-- That one is to be mailed is ordered like an answer: bulletin_no names it, and answer_id is 0.
ALTER TABLE answer_orders ADD COLUMN bulletin_no INTEGER NOT NULL DEFAULT 0;

-- Of a mailing of kind 'news', mailings.unit is less than 0: -1 is the first. So UNIQUE holds
-- each of a petition's two series, and a version that knows no news counts the other right.

-- +goose Down
SELECT 1;
