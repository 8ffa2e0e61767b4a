-- +goose Up

-- Changes of mail_limits that were not merged into it yet, so that most mails never reach
-- it: they are answered while their row is here. See mail_limits.go.
CREATE TABLE mail_limits_new (
    day         INTEGER NOT NULL,
    address_tag BLOB    NOT NULL,
    change      INTEGER NOT NULL, -- more unanswered mails; below 0: fewer
    PRIMARY KEY (day, address_tag)
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
