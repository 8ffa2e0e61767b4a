-- +goose Up

-- How who started a petition can be called and written to for a hearing, where they said so.
-- hearing_sealed is a part of its own under a key of its own; hearing_card the same for
-- their own page, which their link's token opens. hearing_id is the id of the letter that
-- brought both. All three are there, or none is.
ALTER TABLE creators ADD COLUMN hearing_id BLOB;
ALTER TABLE creators ADD COLUMN hearing_sealed BLOB;
ALTER TABLE creators ADD COLUMN hearing_card BLOB;

-- Each time a colleague asks to see that. The row alone shows nothing: the steward mails the
-- colleague a link, tells who started the petition, and seals a card that the link's token
-- opens. state: 0 waits for the steward, 1 the link works, 2 it has ended, 3 it came to
-- nothing. id, hearing_id, token_hash and role are the steward's; token_hash and card go
-- with state 2. The rows go with the petition's keys.
CREATE TABLE hearing_openings (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    staff_id    INTEGER NOT NULL,
    why         TEXT    NOT NULL, -- who started the petition reads it
    state       INTEGER NOT NULL DEFAULT 0,
    asked_at    INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL DEFAULT 0,
    role        TEXT    NOT NULL DEFAULT '',
    id          BLOB    NOT NULL DEFAULT x'',
    hearing_id  BLOB    NOT NULL DEFAULT x'',
    token_hash  BLOB    NOT NULL DEFAULT x'',
    card        BLOB
);
CREATE INDEX hearing_openings_by_petition ON hearing_openings (petition_id, no);

-- +goose Down
SELECT 1;
