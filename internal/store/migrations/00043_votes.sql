-- +goose Up

-- What signers said about answers, as sums. shown_ is what the public reads: it follows in
-- steps. gone counts voters whose signature is not there any more, so that yes, partly and
-- no are together the voters and those who are gone. No row tells what anybody said.
CREATE TABLE answer_votes (
    answer_id    INTEGER PRIMARY KEY,
    petition_id  INTEGER NOT NULL,
    yes          INTEGER NOT NULL DEFAULT 0,
    partly       INTEGER NOT NULL DEFAULT 0,
    no           INTEGER NOT NULL DEFAULT 0,
    shown_yes    INTEGER NOT NULL DEFAULT 0,
    shown_partly INTEGER NOT NULL DEFAULT 0,
    shown_no     INTEGER NOT NULL DEFAULT 0,
    gone         INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX answer_votes_by_petition ON answer_votes (petition_id);

-- Which signatures have said something about an answer, so that each counts once. A row
-- goes with its signature.
CREATE TABLE answer_voters (
    answer_id    INTEGER NOT NULL,
    signature_no INTEGER NOT NULL,
    PRIMARY KEY (answer_id, signature_no)
) WITHOUT ROWID;

-- Votes are counted together, and their letters wait until then.
CREATE INDEX letters_held_votes ON letters_held (next_at) WHERE why = 'vote';

-- +goose Down
SELECT 1;
