-- +goose Up

-- The entries that said first that people would be mailed (kind 6) or data handed over (10),
-- by the number of the mailing or disclosure in bytes 10 to 17: signers' own pages lead there.
CREATE INDEX ledger_entries_acts ON ledger_entries (substr(entry, 1, 1), substr(entry, 10, 8)) WHERE substr(entry, 1, 1) IN (x'06', x'0a');

-- +goose Down
SELECT 1;
