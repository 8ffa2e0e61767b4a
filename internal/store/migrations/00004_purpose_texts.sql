-- +goose Up

-- The wording of a purpose as it stood on the form: words in one language, and the hash
-- by which letters and audit parts name it (undersigned.PurposeText.Version). version
-- counts a purpose's wordings from 1. Rows are never changed: people agreed to them.
ALTER TABLE purposes ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE purposes ADD COLUMN hash BLOB NOT NULL DEFAULT x'';

-- +goose Down
SELECT 1;
