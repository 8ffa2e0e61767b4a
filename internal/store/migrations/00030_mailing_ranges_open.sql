-- +goose Up

-- The ranges of a mailing that somebody still waits in: it is asked before each lease, and
-- of a mailing to a million there are hundreds.
CREATE INDEX mailing_ranges_open ON mailing_ranges (mailing_no, tries) WHERE waiting > 0;

-- +goose Down
SELECT 1;
