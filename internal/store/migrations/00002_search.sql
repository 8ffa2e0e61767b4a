-- +goose Up

-- Full-text search over public petitions, SQLite's own; PostgreSQL has its own migration.
-- +goose StatementBegin
CREATE VIRTUAL TABLE petition_search USING fts5 (
    title, background, details,
    tokenize = "porter unicode61 remove_diacritics 2"
);
-- +goose StatementEnd
-- +goose Down
SELECT 1;
