-- +goose Up

-- Every version of every body's settings, with who saved it. staff_id 0: the machine
-- itself. section is the page they were changed on; '': the whole.
CREATE TABLE settings_history (
    no       INTEGER PRIMARY KEY AUTOINCREMENT,
    body_id  INTEGER NOT NULL,
    staff_id INTEGER NOT NULL,
    section  TEXT    NOT NULL,
    settings TEXT    NOT NULL,
    at       INTEGER NOT NULL
);
CREATE INDEX settings_history_by_body ON settings_history (body_id, no);
INSERT INTO settings_history (body_id, staff_id, section, settings, at)
    SELECT b.id, 0, '', b.settings, s.created_at FROM bodies b, site s;

-- Logos that a version of the settings names, by the SHA-256 of their bytes.
CREATE TABLE logos (
    hash  BLOB PRIMARY KEY,
    type  TEXT    NOT NULL,
    bytes BLOB    NOT NULL,
    at    INTEGER NOT NULL
) WITHOUT ROWID;

-- One-time addresses of the first setup: whoever uses one is signed in as staff_id.
CREATE TABLE setups (
    no         INTEGER PRIMARY KEY AUTOINCREMENT,
    staff_id   INTEGER NOT NULL,
    token_hash BLOB    NOT NULL,
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL DEFAULT 0
);

-- +goose Down
SELECT 1;
