-- +goose Up

-- The heads of a petition by time: entries of kind 1 hold the time in bytes 2 to 9 and the
-- petition in 10 to 17 (docs/formats.md).
CREATE INDEX ledger_heads ON ledger_entries (substr(entry, 10, 8), substr(entry, 2, 8), no) WHERE substr(entry, 1, 1) = x'01';

-- +goose Down
SELECT 1;
