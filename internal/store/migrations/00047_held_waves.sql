-- +goose Up

-- Of an order that holds what was counted: the batches of the hours that staff chose.
ALTER TABLE held_orders ADD COLUMN first_batch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE held_orders ADD COLUMN last_batch INTEGER NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
