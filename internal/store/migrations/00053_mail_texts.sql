-- +goose Up

-- Each mailing as signers read it, kept from the moment it is reserved: names, dates and all
-- else around the words that were written for it. Marks stand for what differs from one
-- signer to the next; see docs/formats.md. '' of mailings from before. override: why it could
-- not wait for the end of an election; public.
ALTER TABLE mailings ADD COLUMN reply_to  TEXT NOT NULL DEFAULT '';
ALTER TABLE mailings ADD COLUMN subject   TEXT NOT NULL DEFAULT '';
ALTER TABLE mailings ADD COLUMN mail_text TEXT NOT NULL DEFAULT '';
ALTER TABLE mailings ADD COLUMN override  TEXT NOT NULL DEFAULT '';

-- +goose Down
SELECT 1;
