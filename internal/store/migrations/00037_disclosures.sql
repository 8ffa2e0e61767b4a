-- +goose Up

-- Data about signers that is handed to somebody. The row alone opens nothing: two
-- administrators agree to the hash of the whole order, and the ledger tells of it before
-- anything is opened. state: 0 waits for two people, 1 agreed, 2 put into the ledger,
-- 3 the sealed file was written, 4 came to nothing (why says the cause). sealed holds the
-- salt of the order's hash, and what is about a person; it is emptied with state 3 and 4.
-- size and records are as the ledger says them. batch: who was counted later is not meant.
-- assent is what only the steward's key makes of what the public reads. touched: of a sample, the numbers of its signatures, as in mailing_ranges.
CREATE TABLE disclosures (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB    NOT NULL,
    petition_id INTEGER NOT NULL,
    purpose     TEXT    NOT NULL,
    basis       TEXT    NOT NULL,
    kind        TEXT    NOT NULL, -- of the recipient
    recipient   TEXT    NOT NULL, -- public
    public_key  TEXT    NOT NULL, -- the recipient's, as age writes it
    fields      INTEGER NOT NULL,
    sample      INTEGER NOT NULL,
    document    BLOB    NOT NULL, -- SHA-256 of the written order
    sealed      BLOB    NOT NULL,
    state       INTEGER NOT NULL,
    why         TEXT    NOT NULL DEFAULT '',
    size        INTEGER NOT NULL DEFAULT 0,
    batch       INTEGER NOT NULL DEFAULT 0,
    records     INTEGER NOT NULL DEFAULT 0,
    file        BLOB    NOT NULL DEFAULT x'', -- SHA-256 of the sealed file
    assent      BLOB    NOT NULL DEFAULT x'',
    touched     BLOB,
    ordered_at  INTEGER NOT NULL,
    agreed_at   INTEGER NOT NULL DEFAULT 0,
    told_at     INTEGER NOT NULL DEFAULT 0,
    made_at     INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX disclosures_by_petition ON disclosures (petition_id, no);

-- Who agreed. assent is what only the steward's key makes of the order's hash and of who
-- pressed the button in their mail.
CREATE TABLE disclosure_assents (
    disclosure_no INTEGER NOT NULL,
    staff_id      INTEGER NOT NULL,
    assent        BLOB    NOT NULL,
    at            INTEGER NOT NULL,
    PRIMARY KEY (disclosure_no, staff_id)
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
