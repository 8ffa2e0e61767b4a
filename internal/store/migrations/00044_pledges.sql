-- +goose Up

-- What a body promised to do by a day (answers of the kind 'pledge': date and summary), and
-- what became of it: 'kept', 'partly' or 'not' since outcome_at, with a note in details;
-- '' while nobody has said.
ALTER TABLE answers ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE answers ADD COLUMN outcome_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE answer_versions ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
CREATE INDEX answers_pledged ON answers (date, id) WHERE kind = 'pledge' AND outcome = '';

-- +goose Down
SELECT 1;
