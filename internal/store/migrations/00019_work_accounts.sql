-- +goose Up

-- The work account that a staff member signs in with elsewhere: a tag of it under a key that
-- is not in the database. One a person, and one person an account.
CREATE TABLE work_accounts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    staff_id    INTEGER NOT NULL UNIQUE,
    account_tag BLOB    NOT NULL UNIQUE,
    linked_at   INTEGER NOT NULL,
    used_at     INTEGER NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE work_accounts;
