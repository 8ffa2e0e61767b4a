-- +goose Up

-- The trees of the public ledger: 0 is the site's, the others are petitions'. size is how
-- many entries are public; the steward holds more of a protected petition. number is the
-- petition's as its last head says it, texts how many of its wordings the site's tree
-- names. checkpoint is the signed note that readers get.
CREATE TABLE trees (
    tree       INTEGER PRIMARY KEY,
    size       INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    texts      INTEGER NOT NULL,
    checkpoint TEXT    NOT NULL
);

-- Hashes of trees, up to 256 of 32 bytes a row. Of petitions' trees level 0 is not here:
-- it follows from leaf_tiles.
CREATE TABLE tree_tiles (
    tree   INTEGER NOT NULL,
    level  INTEGER NOT NULL,
    tile   INTEGER NOT NULL,
    hashes BLOB    NOT NULL,
    PRIMARY KEY (tree, level, tile)
) WITHOUT ROWID;

-- The entries of the site's tree, from 0: codes, numbers and hashes (docs/formats.md).
CREATE TABLE ledger_entries (
    no    INTEGER PRIMARY KEY,
    entry BLOB    NOT NULL
);

-- Entries that wait for the next head of the site's tree, written with the deed that they
-- tell of.
CREATE TABLE ledger_waiting (
    no    INTEGER PRIMARY KEY AUTOINCREMENT,
    entry BLOB    NOT NULL
);

-- Keys that sign or signed heads, the newest last.
CREATE TABLE ledger_keys (
    no     INTEGER PRIMARY KEY,
    public BLOB    NOT NULL,
    at     INTEGER NOT NULL
);

-- What the site's tree says of a mailing: 0 nothing, 1 that it was reserved, which comes
-- before its first mail, 2 how it ended as well. Of an order about held signatures: 0
-- nothing, 1 that it was done.
ALTER TABLE mailings ADD COLUMN logged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE held_orders ADD COLUMN logged INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
