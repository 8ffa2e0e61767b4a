package store

import (
	"context"
	"database/sql"
	"fmt"

	"undersigned"
)

// History reads what the public may know was done to a petition, newest first: by whom is
// told as a role. What a pause of the whole site told stands in it, too, since since.
func (p *Public) History(ctx context.Context, petition undersigned.Petition) ([]undersigned.PublicAct, error) {
	rows, err := p.db.query(ctx, `SELECT act, reason, note, at, role FROM acts WHERE petition_id = $1
		UNION ALL SELECT act, reason, note, at, role FROM acts WHERE petition_id = 0 AND act IN ('paused', 'resumed') AND reason = 'signing'
			AND $2 > 0 AND at > $2 AND ($3 = 0 OR at < $3)
		ORDER BY at DESC`, petition.ID, undersigned.Micros(petition.OpenedAt), undersigned.Micros(petition.ClosedAt))
	if err != nil {
		return nil, fmt.Errorf("read the public history of petition %d: %w", petition.ID, err)
	}
	all, err := collect(rows, func(rows *sql.Rows) (a undersigned.PublicAct, err error) {
		var at int64
		err = rows.Scan(&a.Act, &a.Of, &a.Why, &at, &a.Role)
		a.At = undersigned.FromMicros(at)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the public history of petition %d: %w", petition.ID, err)
	}
	return told(all), nil
}

// told leaves of acts what the public history tells.
func told(all []undersigned.PublicAct) []undersigned.PublicAct {
	var shown []undersigned.PublicAct
	for _, a := range all {
		telling, _ := undersigned.Tells(a.Act)
		if a.Act != undersigned.ActCorrected && a.Act != undersigned.ActEnded && a.Act != undersigned.ActWithheld {
			a.Of = ""
		}
		switch telling {
		case undersigned.TellNothing:
			continue
		case undersigned.TellChecked:
			a = undersigned.PublicAct{At: a.At, Act: undersigned.ActChecked, Role: a.Role}
			if n := len(shown); n > 0 && shown[n-1].Act == undersigned.ActChecked {
				continue // once is enough, and how often would tell what was wrong
			}
		case undersigned.TellAct:
			a.Why = ""
		}
		shown = append(shown, a)
	}
	return shown
}
