-- +goose Up

-- What the site's tree tells last of signatures that have no leaf: those that were counted
-- elsewhere before, and those on paper.
CREATE TABLE totals_told (
    petition_id INTEGER PRIMARY KEY,
    imported    INTEGER NOT NULL,
    paper       INTEGER NOT NULL
);

-- +goose Down
SELECT 1;
