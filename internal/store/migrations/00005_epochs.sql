-- +goose Up

-- Each time somebody said that this database is the live one. mark is random and stands
-- in a file beside the database as well: a copy has lost it (zeros), or meets another
-- file. mails is how many mails had been made before: an older copy makes the numbers
-- after it again, for other mails, and those must not look like the same ones.
CREATE TABLE epochs (
    no    INTEGER PRIMARY KEY,
    mark  BLOB    NOT NULL,
    at    INTEGER NOT NULL,
    mails INTEGER NOT NULL
);

-- +goose Down
SELECT 1;
