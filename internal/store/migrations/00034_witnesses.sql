-- +goose Up

-- Who confirms heads of the site's tree, as site.toml names them: name for people, key for
-- programs, place among them (0: not named any more). left_epoch: the epoch that was
-- raised over what this witness had confirmed; it is not asked again. 0: none was.
CREATE TABLE witnesses (
    no         INTEGER PRIMARY KEY,
    key        TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    place      INTEGER NOT NULL,
    left_epoch INTEGER NOT NULL DEFAULT 0
);

-- The publication that waits until enough witnesses have confirmed its head: what it will
-- write, with the signed head. No other one is begun meanwhile, and it never changes, for
-- witnesses may have confirmed it already.
CREATE TABLE ledger_next (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    plan BLOB    NOT NULL
);

-- +goose Down
SELECT 1;
