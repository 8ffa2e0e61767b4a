-- +goose Up

-- What people are told of in the site's tree: not the heads of petitions (kind 1), of which
-- each batch writes some, and not the letterbox keys (key kind 3), of which each day does.
CREATE INDEX ledger_entries_told ON ledger_entries (no)
    WHERE substr(entry, 1, 1) <> x'01' AND NOT (substr(entry, 1, 1) IN (x'03', x'04') AND substr(entry, 10, 1) = x'03');

-- When keys of petitions die.
CREATE INDEX petitions_by_retention ON petitions (retain_to, id) WHERE opened_at > 0 AND keys_made_at > 0;

-- +goose Down
SELECT 1;
