-- +goose Up

-- Confirmed, and not counted until staff have looked: signatures from forms that look like
-- a program's. They hold their address tag, as signatures do. day is when it was
-- confirmed, in days since 1970; batch is the one that would have counted it.
CREATE TABLE held_signatures (
    no           INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL,
    petition_id  INTEGER NOT NULL,
    cluster_no   INTEGER NOT NULL,
    batch        INTEGER NOT NULL,
    day          INTEGER NOT NULL,
    area         TEXT    NOT NULL,
    own_hash     BLOB    NOT NULL,
    reply_sealed BLOB,
    audit_sealed BLOB    NOT NULL,
    text_no      INTEGER NOT NULL
);
CREATE INDEX held_by_cluster ON held_signatures (cluster_no, no);

-- Which of them belong together: by one suspicion, of one place or domain. mark is keyed
-- and leads back to neither. state: 0 more may join, 1 an order about it is under way,
-- 2 removed, and kept until ends_at.
CREATE TABLE held_clusters (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    suspicion   INTEGER NOT NULL,
    mark        BLOB    NOT NULL,
    state       INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX held_clusters_by_petition ON held_clusters (petition_id, suspicion, mark);

-- What staff want done with a cluster, up to the last signature they were shown. act:
-- 'release', 'remove', 'undo'. state: 0 waits for the steward, 1 for a second person,
-- 2 under way, 3 done, 4 came to nothing, 5 done and undone. size is how many it was about.
CREATE TABLE held_orders (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    petition_id INTEGER NOT NULL,
    cluster_no  INTEGER NOT NULL,
    last_no     INTEGER NOT NULL,
    act         TEXT    NOT NULL,
    suspicion   INTEGER NOT NULL,
    why         TEXT    NOT NULL,
    staff_id    INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    release_no  INTEGER NOT NULL DEFAULT 0,
    size        INTEGER NOT NULL DEFAULT 0,
    told_no     INTEGER NOT NULL DEFAULT 0, -- who was removed was mailed up to this one
    at          INTEGER NOT NULL,
    done_at     INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX held_orders_by_petition ON held_orders (petition_id, state);

-- How many addresses of one domain signed a petition, as a keyed tag. No providers.
CREATE TABLE domain_counts (
    petition_id INTEGER NOT NULL,
    domain_tag  BLOB    NOT NULL,
    signed      INTEGER NOT NULL,
    PRIMARY KEY (petition_id, domain_tag)
) WITHOUT ROWID;

-- +goose Down
SELECT 1;
