-- +goose Up

-- Petitions of which the site's tree tells until when their keys live at most.
CREATE TABLE dates_told (
    petition_id INTEGER PRIMARY KEY
);

-- +goose Down
SELECT 1;
