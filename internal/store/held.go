package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"undersigned"
)

// ClusterState is where a cluster of held signatures stands.
type ClusterState int

// The states of a cluster.
const (
	ClusterHeld    ClusterState = 0 // more may join
	ClusterOrdered ClusterState = 1 // an order about it is under way; nobody joins
	ClusterRemoved ClusterState = 2 // its signatures die at EndsAt
)

// A HeldSignature is confirmed and not counted.
type HeldSignature struct {
	undersigned.Signature
	TextNo    int64
	Day       int64 // since 1970
	Suspicion undersigned.Suspicion
	Mark      [8]byte // of its cluster, under the petition's keys
}

// HoldSignatures keeps confirmed signatures aside, each in the cluster of its suspicion and
// mark. Their tags must have been claimed in the same transaction.
func (t *StewardTx) HoldSignatures(all []HeldSignature) error {
	values, signatures := make([]any, 0, len(all)*11), make([]undersigned.Signature, len(all))
	for i := range all {
		h := &all[i]
		signatures[i] = h.Signature
		cluster, err := t.openCluster(h.PetitionID, h.Suspicion, h.Mark)
		if err != nil {
			return fmt.Errorf("hold a signature: %w", err)
		}
		values = append(values, h.Number, h.ID[:], h.PetitionID, cluster, h.Batch, h.Day, h.Area, h.OwnHash[:], h.ReplySealed, h.AuditSealed, h.TextNo)
	}
	err := t.tx.insertRows(`INSERT INTO held_signatures (no, id, petition_id, cluster_no, batch, day, area, own_hash, reply_sealed, audit_sealed, text_no)`, "", 11, values)
	if err != nil {
		return fmt.Errorf("hold signatures: %w", err)
	}
	return t.addNewsParts(signatures)
}

// openCluster finds the cluster that signatures may join, or makes one.
func (t *StewardTx) openCluster(petition int64, why undersigned.Suspicion, mark [8]byte) (no int64, err error) {
	err = t.tx.row(`SELECT no FROM held_clusters WHERE petition_id = $1 AND suspicion = $2 AND mark = $3 AND state = 0 ORDER BY no DESC LIMIT 1`,
		[]any{petition, int64(why), mark[:]}, []any{&no})
	if !errors.Is(err, undersigned.ErrNotFound) {
		return no, err
	}
	return t.addCluster(petition, why, mark[:], ClusterHeld)
}

func (t *StewardTx) addCluster(petition int64, why undersigned.Suspicion, mark []byte, state ClusterState) (int64, error) {
	result, err := t.tx.exec(`INSERT INTO held_clusters (petition_id, suspicion, mark, state) VALUES ($1, $2, $3, $4)`, petition, int64(why), mark, int64(state))
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// DomainsAmong says how many signatures some domains have on petitions; Tag is the
// domain's. Those with none are not in the result.
func (s *Steward) DomainsAmong(ctx context.Context, claims []Claim) (map[Claim]int, error) {
	found := map[Claim]int{}
	keys := make([]any, 0, 2*len(claims))
	for i := range claims {
		keys = append(keys, claims[i].Petition, claims[i].Tag[:])
	}
	err := s.countsAmong(ctx, `SELECT petition_id, domain_tag, signed FROM domain_counts WHERE (petition_id, domain_tag)`, keys, func(petition int64, tag [16]byte, n int) {
		found[Claim{Petition: petition, Tag: tag}] = n
	})
	if err != nil {
		return nil, fmt.Errorf("read how many signed from a domain: %w", err)
	}
	return found, nil
}

// CountDomains adds to how many signatures domains have on petitions.
func (t *StewardTx) CountDomains(signed map[Claim]int) error {
	for one, n := range signed {
		if err := t.tx.run(`INSERT INTO domain_counts (petition_id, domain_tag, signed) VALUES ($1, $2, $3)
			ON CONFLICT (petition_id, domain_tag) DO UPDATE SET signed = signed + excluded.signed`, one.Petition, one.Tag[:], int64(n)); err != nil {
			return fmt.Errorf("count the signatures of a domain: %w", err)
		}
	}
	return nil
}

// heldSignature reads a held signature as if it were counted: its signer's page must not
// tell.
func (db *DB) heldSignature(ctx context.Context, number int64) (StoredSignature, error) {
	return db.readSignature(ctx, number, `held_signatures`)
}

// RemovedSignature reads the signature of somebody whose held signature staff removed, as
// long as that can be undone.
//
// Errors: undersigned.ErrNotFound where it counts, is held, or is gone.
func (s *Steward) RemovedSignature(ctx context.Context, number int64) (StoredSignature, error) {
	var state ClusterState
	err := s.db.row(ctx, `SELECT c.state FROM held_signatures h JOIN held_clusters c ON c.no = h.cluster_no WHERE h.no = $1`, []any{number}, []any{&state})
	if err == nil && state != ClusterRemoved {
		err = undersigned.ErrNotFound
	}
	if err != nil {
		return StoredSignature{}, fmt.Errorf("read a removed signature: %w", err)
	}
	return s.db.heldSignature(ctx, number)
}

// removeHeld takes a held signature away: its row and its tag. No leaf tells of it, for
// none told that it came.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) removeHeld(petition, number int64, tag [16]byte) error {
	result, err := t.tx.exec(`DELETE FROM held_signatures WHERE no = $1 AND petition_id = $2`, number, petition)
	if err != nil {
		return fmt.Errorf("remove a held signature: %w", err)
	}
	if gone, _ := result.RowsAffected(); gone == 0 {
		return undersigned.ErrNotFound
	}
	return t.tx.run(`DELETE FROM address_tags WHERE petition_id = $1 AND address_tag = $2 AND signature_no = $3`, petition, tag[:], number)
}

// HeldIn reads signatures of a cluster by number, after one.
func (t *StewardTx) HeldIn(cluster, after int64, limit int) ([]StoredSignature, error) {
	rows, err := t.tx.query(`SELECT h.no, h.id, h.petition_id, h.area, h.own_hash, h.reply_sealed, h.audit_sealed, h.text_no, t.version
		FROM held_signatures h JOIN petition_texts t ON t.petition_id = h.petition_id AND t.no = h.text_no
		WHERE h.cluster_no = $1 AND h.no > $2 ORDER BY h.no LIMIT $3`, cluster, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read held signatures: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (h StoredSignature, err error) {
		var id, own, version []byte
		if err = rows.Scan(&h.Number, &id, &h.PetitionID, &h.Area, &own, &h.ReplySealed, &h.AuditSealed, &h.TextNo, &version); err != nil {
			return h, err
		}
		if len(id) != 16 || len(own) != 16 || len(version) != 32 {
			return h, fmt.Errorf("held signature %d: its row is damaged", h.Number)
		}
		h.ID, h.OwnHash, h.Version = undersigned.ID(id), [16]byte(own), undersigned.TextVersion(version)
		return h, nil
	})
}

// waveWhere means the signatures of an order to hold what was counted, behind the last that
// it has dealt with. Whoever started the petition is none of a wave.
const waveWhere = `s.petition_id = $1 AND s.batch BETWEEN $2 AND $3 AND s.no > $4
	AND s.no NOT IN (SELECT signature_no FROM creators WHERE petition_id = $1)`

// CountWave counts the signatures that an order to hold still has to hold. It reads the whole
// table, and so outside of the steward's transactions.
func (s *Steward) CountWave(ctx context.Context, o HeldOrder) (n int64, err error) {
	err = s.db.row(ctx, `SELECT COUNT(*) FROM signatures s WHERE `+waveWhere, []any{o.Petition, o.FirstBatch, o.LastBatch, o.Told}, []any{&n})
	if err != nil {
		return 0, fmt.Errorf("count the signatures of some hours: %w", err)
	}
	return n, nil
}

// WaveIn reads the next signatures that an order to hold has to hold, by number.
func (t *StewardTx) WaveIn(o HeldOrder, limit int) ([]StoredSignature, error) {
	rows, err := t.tx.query(`SELECT s.no, s.id, s.petition_id, s.batch, s.area, s.own_hash, s.reply_sealed, s.audit_sealed, s.text_no, t.version
		FROM signatures s JOIN petition_texts t ON t.petition_id = s.petition_id AND t.no = s.text_no
		WHERE `+waveWhere+` ORDER BY s.no LIMIT $5`, o.Petition, o.FirstBatch, o.LastBatch, o.Told, limit)
	if err != nil {
		return nil, fmt.Errorf("read the signatures of some hours: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (h StoredSignature, err error) {
		var id, own, version []byte
		if err = rows.Scan(&h.Number, &id, &h.PetitionID, &h.Batch, &h.Area, &own, &h.ReplySealed, &h.AuditSealed, &h.TextNo, &version); err != nil {
			return h, err
		}
		if len(id) != 16 || len(own) != 16 || len(version) != 32 {
			return h, fmt.Errorf("signature %d: its row is damaged", h.Number)
		}
		h.ID, h.OwnHash, h.Version = undersigned.ID(id), [16]byte(own), undersigned.TextVersion(version)
		return h, nil
	})
}

// NewWave makes the cluster of an order to hold. Nobody else joins it.
func (t *StewardTx) NewWave(petition int64, mark [8]byte) (int64, error) {
	return t.addCluster(petition, undersigned.SuspectWave, mark[:], ClusterOrdered)
}

// HoldCounted puts counted signatures into a cluster. The leaves that say that they no longer
// count are the caller's.
func (t *StewardTx) HoldCounted(rows []StoredSignature, cluster, day int64) error {
	values, numbers := make([]any, 0, len(rows)*11), make([]int64, len(rows))
	for i := range rows {
		h := &rows[i]
		numbers[i] = h.Number
		values = append(values, h.Number, h.ID[:], h.PetitionID, cluster, h.Batch, day, h.Area, h.OwnHash[:], h.ReplySealed, h.AuditSealed, h.TextNo)
	}
	err := t.tx.insertRows(`INSERT INTO held_signatures (no, id, petition_id, cluster_no, batch, day, area, own_hash, reply_sealed, audit_sealed, text_no)`, "", 11, values)
	if err != nil {
		return fmt.Errorf("hold counted signatures: %w", err)
	}
	return t.ranges(numbers, `DELETE FROM signatures WHERE no BETWEEN $1 AND $2`)
}

// CountHeld counts the signatures of a cluster up to a number; 0: all.
func (t *StewardTx) CountHeld(cluster, last int64) (n int64, err error) {
	err = t.tx.row(`SELECT COUNT(*) FROM held_signatures WHERE cluster_no = $1 AND ($2 = 0 OR no <= $2)`, []any{cluster, last}, []any{&n})
	return n, err
}

// LetGo makes held signatures ordinary ones of a batch. Their leaves are the caller's.
func (t *StewardTx) LetGo(rows []StoredSignature, batch int64) error {
	signatures, texts := make([]undersigned.Signature, len(rows)), make([]int64, len(rows))
	for i, row := range rows {
		signatures[i], texts[i] = row.Signature, row.TextNo
		signatures[i].Batch = batch
	}
	if err := t.AddSignatures(signatures, texts); err != nil {
		return err
	}
	return t.dropHeld(rows)
}

// DropHeld ends held signatures: rows and tags.
func (t *StewardTx) DropHeld(rows []StoredSignature) error {
	for _, row := range rows {
		// By number: of whoever asked us to forget the address, nobody can compute the tag.
		if err := t.tx.run(`DELETE FROM address_tags WHERE petition_id = $1 AND signature_no = $2`, row.PetitionID, row.Number); err != nil {
			return fmt.Errorf("end held signatures: %w", err)
		}
		if err := t.ForgetNews(row.Number); err != nil {
			return fmt.Errorf("end held signatures: %w", err)
		}
	}
	return t.dropHeld(rows)
}

func (t *StewardTx) dropHeld(rows []StoredSignature) error {
	numbers := make([]int64, len(rows))
	for i := range rows {
		numbers[i] = rows[i].Number
	}
	return t.ranges(numbers, `DELETE FROM held_signatures WHERE no BETWEEN $1 AND $2`)
}

// A HeldCluster is a cluster's row.
type HeldCluster struct {
	Number, Petition int64
	Suspicion        undersigned.Suspicion
	Mark             []byte
	State            ClusterState
	EndsAt           time.Time
}

// HeldCluster reads a cluster.
//
// Errors: undersigned.ErrNotFound.
func (t *StewardTx) HeldCluster(number int64) (HeldCluster, error) {
	c := HeldCluster{Number: number}
	var ends int64
	err := t.tx.row(`SELECT petition_id, suspicion, mark, state, ends_at FROM held_clusters WHERE no = $1`, []any{number},
		[]any{&c.Petition, &c.Suspicion, &c.Mark, &c.State, &ends})
	if err != nil {
		return c, fmt.Errorf("read cluster %d: %w", number, err)
	}
	c.EndsAt = undersigned.FromMicros(ends)
	return c, nil
}

// SplitCluster puts the signatures of a cluster up to a number into one of their own,
// which nobody joins, and gives its number: an order is about those that were shown.
func (t *StewardTx) SplitCluster(c HeldCluster, last int64) (int64, error) {
	split, err := t.addCluster(c.Petition, c.Suspicion, c.Mark, ClusterOrdered)
	if err != nil {
		return 0, fmt.Errorf("split a cluster: %w", err)
	}
	if err := t.tx.run(`UPDATE held_signatures SET cluster_no = $1 WHERE cluster_no = $2 AND no <= $3`, split, c.Number, last); err != nil {
		return 0, fmt.Errorf("split a cluster: %w", err)
	}
	return split, t.DropCluster(c.Number)
}

// SetCluster moves a cluster to a state; ends is when its signatures die, where they do.
func (t *StewardTx) SetCluster(number int64, state ClusterState, ends time.Time) error {
	return t.tx.run(`UPDATE held_clusters SET state = $1, ends_at = $2 WHERE no = $3`, int64(state), undersigned.Micros(ends), number)
}

// DropCluster forgets a cluster that has no signatures left.
func (t *StewardTx) DropCluster(number int64) error {
	return t.tx.run(`DELETE FROM held_clusters WHERE no = $1 AND NOT EXISTS (SELECT 1 FROM held_signatures WHERE cluster_no = $1)`, number)
}

// ClustersToEnd reads the removed clusters whose signatures die by now.
func (s *Steward) ClustersToEnd(ctx context.Context, now time.Time) ([]int64, error) {
	rows, err := s.db.query(ctx, `SELECT no FROM held_clusters WHERE state = 2 AND ends_at <= $1 ORDER BY no`, now.UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("find removed signatures: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (n int64, err error) { return n, rows.Scan(&n) })
}

// DropEmptyClusters forgets clusters whose signers have all left.
func (t *StewardTx) DropEmptyClusters() error {
	return t.tx.run(`DELETE FROM held_clusters WHERE NOT EXISTS (SELECT 1 FROM held_signatures WHERE cluster_no = held_clusters.no)
		AND NOT EXISTS (SELECT 1 FROM held_orders o WHERE o.cluster_no = held_clusters.no AND o.state IN (0, 1, 2))`)
}
