-- +goose Up

-- One row: what every part must know of the site. link_mask hides row numbers in
-- links; it protects no secret of its own.
CREATE TABLE site (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    site_id    BLOB    NOT NULL,
    link_mask  BLOB    NOT NULL,
    created_at INTEGER NOT NULL
);

-- Whom petitions are for. settings is the JSON of undersigned.Body.
CREATE TABLE bodies (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL,
    settings TEXT NOT NULL
);

-- Wordings of purposes; petition_id 0: for every petition of the body.
CREATE TABLE purposes (
    body_id     INTEGER NOT NULL,
    petition_id INTEGER NOT NULL DEFAULT 0,
    code        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    sender      TEXT    NOT NULL,
    words       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (body_id, petition_id, code, version)
);

CREATE TABLE petitions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    body_id         INTEGER NOT NULL REFERENCES bodies (id),
    state           TEXT    NOT NULL,
    kind            TEXT    NOT NULL DEFAULT 'ordinary',
    language        TEXT    NOT NULL,
    source          TEXT    NOT NULL DEFAULT '',
    title           TEXT    NOT NULL,
    background      TEXT    NOT NULL,
    details         TEXT    NOT NULL,
    version         BLOB    NOT NULL,
    creator_name    TEXT    NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL,
    queued_at       INTEGER NOT NULL DEFAULT 0,
    opened_at       INTEGER NOT NULL DEFAULT 0,
    closes_at       INTEGER NOT NULL DEFAULT 0,
    closed_at       INTEGER NOT NULL DEFAULT 0,
    rejected_at     INTEGER NOT NULL DEFAULT 0,
    retain_to       INTEGER NOT NULL DEFAULT 0,
    keys_made_at    INTEGER NOT NULL DEFAULT 0,
    keys_gone_at    INTEGER NOT NULL DEFAULT 0,
    days            INTEGER NOT NULL DEFAULT 0,
    imported_count  INTEGER NOT NULL DEFAULT 0,
    paper_count     INTEGER NOT NULL DEFAULT 0,
    returns         INTEGER NOT NULL DEFAULT 0,
    revision        INTEGER NOT NULL DEFAULT 1,
    rejection       TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX petitions_by_state ON petitions (state, opened_at);

-- Every wording a petition ever had.
CREATE TABLE petition_texts (
    petition_id INTEGER NOT NULL,
    no          INTEGER NOT NULL,
    version     BLOB    NOT NULL,
    title       TEXT    NOT NULL,
    background  TEXT    NOT NULL,
    details     TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (petition_id, no)
);

-- How to reach who started a petition, and the hashes of its two shared links.
CREATE TABLE creators (
    petition_id   INTEGER PRIMARY KEY,
    signature_no  INTEGER NOT NULL,
    id            BLOB    NOT NULL,
    contact_sealed BLOB,
    creator_hash  BLOB    NOT NULL,
    sponsor_hash  BLOB    NOT NULL,
    sponsor_uses  INTEGER NOT NULL DEFAULT 0
);

-- What a body said. kind: 'response', 'debate', 'note', 'correction'.
CREATE TABLE answers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    date        TEXT    NOT NULL DEFAULT '',
    summary     TEXT    NOT NULL DEFAULT '',
    details     TEXT    NOT NULL DEFAULT '',
    links       TEXT    NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
);
CREATE INDEX answers_by_petition ON answers (petition_id, kind);

-- Staff deeds and state changes: who, when, why. staff_id 0: the steward or the creator.
CREATE TABLE acts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    staff_id    INTEGER NOT NULL DEFAULT 0,
    act         TEXT    NOT NULL,
    reason      TEXT    NOT NULL DEFAULT '',
    note        TEXT    NOT NULL DEFAULT '',
    at          INTEGER NOT NULL
);
CREATE INDEX acts_by_petition ON acts (petition_id, id);

-- What a creator and staff write to each other about a petition.
CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    staff_id    INTEGER NOT NULL DEFAULT 0,
    text        TEXT    NOT NULL,
    at          INTEGER NOT NULL
);
CREATE INDEX messages_by_petition ON messages (petition_id, id);

-- Signed statements of letterbox keys, and data keys wrapped to them.
CREATE TABLE letterbox_keys (
    id         BLOB    PRIMARY KEY,
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL,
    statement  BLOB    NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE data_keys (
    id           BLOB    PRIMARY KEY,
    letterbox_id BLOB    NOT NULL,
    wrapped      BLOB    NOT NULL,
    at           INTEGER NOT NULL
);

-- The letterbox. AUTOINCREMENT, because the steward's cursor must never meet a number
-- twice. Letters leave when they are done.
CREATE TABLE letters (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB    NOT NULL,
    kind        INTEGER NOT NULL,
    petition_id INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    sealed      BLOB    NOT NULL
);

-- Letters the steward could not finish at once. why: 'limit', 'unopened', 'slow'.
CREATE TABLE letters_held (
    no      INTEGER PRIMARY KEY,
    why     TEXT    NOT NULL,
    next_at INTEGER NOT NULL
);

-- Admitted letters whose link is in the mail. no is the letter's number.
-- state: 0 waiting for the press, 1 used, 2 declined, 3 expired.
CREATE TABLE links (
    no           INTEGER PRIMARY KEY,
    petition_id  INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    job_no       INTEGER NOT NULL,
    id           BLOB    NOT NULL,
    confirm_hash BLOB    NOT NULL,
    own_hash     BLOB,
    card         BLOB
);

-- Only what is confirmed. no is the number of the letter it grew out of.
CREATE TABLE signatures (
    no           INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL,
    petition_id  INTEGER NOT NULL,
    batch        INTEGER NOT NULL,
    area         TEXT    NOT NULL,
    own_hash     BLOB    NOT NULL,
    reply_sealed BLOB,
    audit_sealed BLOB    NOT NULL,
    text_no      INTEGER NOT NULL
);
CREATE TABLE address_tags (
    petition_id  INTEGER NOT NULL,
    address_tag  BLOB    NOT NULL,
    slot         INTEGER NOT NULL,
    signature_no INTEGER NOT NULL,
    PRIMARY KEY (petition_id, address_tag, slot)
) WITHOUT ROWID;

-- Leaves that wait for the next batch. type: 1 signature, 2 withdrawal, 3 removal.
CREATE TABLE leaves_waiting (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    type        INTEGER NOT NULL,
    text_no     INTEGER NOT NULL,
    leaf        BLOB    NOT NULL
);
-- Leaves of a petition's ledger, 256 hashes of 32 bytes a row.
CREATE TABLE leaf_tiles (
    petition_id INTEGER NOT NULL,
    tile        INTEGER NOT NULL,
    hashes      BLOB    NOT NULL,
    PRIMARY KEY (petition_id, tile)
) WITHOUT ROWID;

-- The published number of each petition, and its batches.
CREATE TABLE counts (
    petition_id INTEGER PRIMARY KEY,
    batch       INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    confirmed   INTEGER NOT NULL,
    withdrawn   INTEGER NOT NULL,
    removed     INTEGER NOT NULL,
    size        INTEGER NOT NULL
);
CREATE TABLE version_counts (
    petition_id INTEGER NOT NULL,
    text_no     INTEGER NOT NULL,
    confirmed   INTEGER NOT NULL,
    PRIMARY KEY (petition_id, text_no)
);
CREATE TABLE batches (
    no          INTEGER NOT NULL,
    petition_id INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    added       INTEGER NOT NULL,
    taken       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    PRIMARY KEY (no, petition_id)
) WITHOUT ROWID;
CREATE INDEX batches_by_petition ON batches (petition_id, no);

-- What the public may know at this moment, one row. content rises with each change of
-- a page by staff, number with each batch. never_confirmed and mail_delay are site-wide.
CREATE TABLE snapshot (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    number          INTEGER NOT NULL,
    content         INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    waiting         INTEGER NOT NULL,
    mail_delay      INTEGER NOT NULL
);

-- Mail to do: a job names a letter, a signature, a petition or a staff member, never
-- an address. Sent jobs leave the table and are remembered as ranges of numbers.
CREATE TABLE mail_jobs (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        INTEGER NOT NULL,
    ref         INTEGER NOT NULL, -- what the kind says: letter, signature, staff member, release
    petition_id INTEGER NOT NULL,
    made_at     INTEGER NOT NULL,
    detail      TEXT    NOT NULL DEFAULT ''
);
CREATE TABLE mail_retries (
    job_no  INTEGER PRIMARY KEY,
    tries   INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    code    INTEGER NOT NULL
);
CREATE INDEX mail_retries_due ON mail_retries (next_at);
CREATE TABLE mail_done (
    first_no INTEGER PRIMARY KEY,
    last_no  INTEGER NOT NULL,
    at       INTEGER NOT NULL
);
CREATE TABLE mail_failed (
    job_no INTEGER PRIMARY KEY,
    kind   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    code   INTEGER NOT NULL
);

-- Unanswered mails a (keyed) address today, and addresses that want or take no mail.
CREATE TABLE mail_limits (
    day         INTEGER NOT NULL,
    address_tag BLOB    NOT NULL,
    unanswered  INTEGER NOT NULL,
    PRIMARY KEY (day, address_tag)
) WITHOUT ROWID;
CREATE TABLE stopped (
    address_tag BLOB PRIMARY KEY,
    why         TEXT    NOT NULL,
    at          INTEGER NOT NULL
) WITHOUT ROWID;

-- Staff. The address is sealed; its tag finds the row at sign-in.
CREATE TABLE staff (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT    NOT NULL,
    role           TEXT    NOT NULL,
    active         INTEGER NOT NULL,
    row_id         BLOB    NOT NULL,
    address_tag    BLOB    NOT NULL UNIQUE,
    contact_sealed BLOB    NOT NULL,
    created_at     INTEGER NOT NULL
);
CREATE TABLE sign_ins (
    no         INTEGER PRIMARY KEY,
    staff_id   INTEGER NOT NULL,
    token_hash BLOB    NOT NULL,
    code_hash  BLOB    NOT NULL,
    browser    BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    used_at    INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    staff_id   INTEGER NOT NULL,
    made_at    INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) WITHOUT ROWID;
-- Acts that wait for a second person. The text is sealed; its hash is in the link.
CREATE TABLE releases (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB    NOT NULL,
    kind        TEXT    NOT NULL,
    asked_by    INTEGER NOT NULL,
    text_hash   BLOB    NOT NULL,
    token_hash  BLOB    NOT NULL,
    sealed      BLOB    NOT NULL,
    state       INTEGER NOT NULL,
    made_at     INTEGER NOT NULL
);

-- How far the steward has come: 'letters', 'acts', and other counters.
CREATE TABLE cursors (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
