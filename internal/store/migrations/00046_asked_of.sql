-- +goose Up

-- Who was mailed an act that waits for a second person, so that their desk tells them of
-- it; 0: made before this was kept.
ALTER TABLE releases ADD COLUMN asked_of INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
