-- +goose Up

-- Passkeys of staff: public keys, which open nothing. name is what its holder calls the
-- device. sign_count goes up with each use, where the authenticator counts.
CREATE TABLE passkeys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    staff_id   INTEGER NOT NULL,
    credential BLOB    NOT NULL UNIQUE,
    public_key BLOB    NOT NULL,
    sign_count INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    made_at    INTEGER NOT NULL,
    used_at    INTEGER NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE passkeys;
