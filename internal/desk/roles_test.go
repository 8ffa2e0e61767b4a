package desk_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/store"
)

// rolesPage reads the table of docs/roles.md: which roles may do a deed.
func rolesPage(t *testing.T) map[desk.Deed][]undersigned.Role {
	t.Helper()
	page, err := os.ReadFile("../../docs/roles.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "| Deed |")
	rows := strings.Split(text, "\n")
	heads := strings.Split(rows[0], "|")
	table := map[desk.Deed][]undersigned.Role{}
	for _, row := range rows[2:] {
		cells := strings.Split(row, "|")
		if len(cells) != len(heads)+2 {
			break
		}
		deed := desk.Deed(strings.TrimSpace(cells[1]))
		table[deed] = []undersigned.Role{}
		for i, cell := range cells[2:] {
			if strings.TrimSpace(cell) == "yes" {
				table[deed] = append(table[deed], undersigned.Role(strings.TrimSpace(heads[i])))
			}
		}
	}
	return table
}

// The page that people read and the table that deeds check say the same.
func TestG49RolesPageIsTheTable(t *testing.T) {
	page := rolesPage(t)
	if len(page) != len(desk.Deeds()) {
		t.Errorf("the page has %d deeds, the code %d", len(page), len(desk.Deeds()))
	}
	for _, deed := range desk.Deeds() {
		roles, ok := page[deed]
		if !ok {
			t.Errorf("the page does not know %q", deed)
		}
		for _, role := range append(slices.Clone(undersigned.Roles), "owner", "") {
			for _, active := range []bool{true, false} {
				want := active && slices.Contains(roles, role)
				if got := desk.May(undersigned.Staff{ID: 7, Role: role, Active: active}, deed); got != want {
					t.Errorf("%q, active %t, may %q: %t, and the page says %t", role, active, deed, got, want)
				}
			}
			if desk.May(undersigned.Staff{Role: role, Active: true}, deed) {
				t.Errorf("somebody unsaved may %q", deed)
			}
		}
	}
}

// G49: each deed, by each role, on a petition where it can be done and on one where it
// cannot: what the table does not allow is forbidden and changes nothing.
func TestG49EveryDeedByEveryRole(t *testing.T) {
	page := rolesPage(t)
	o := newOffice(t)
	for _, role := range undersigned.Roles {
		who := undersigned.Staff{ID: 7, Name: "Moira Kent", Role: role, Active: true}
		for _, deed := range deeds {
			for _, state := range []undersigned.State{deed.from[0], undersigned.Hidden} {
				p := o.petition(state)
				err := deed.do(o, who, at(p))
				allowed := slices.Contains(page[deed.name], role)
				if allowed == errors.Is(err, desk.ErrForbidden) {
					t.Errorf("%s: %q of a petition that is %s gave %v", role, deed.name, state, err)
				}
				if !allowed && o.read(p.ID).Revision != p.Revision {
					t.Errorf("%s: %q was forbidden and changed something", role, deed.name)
				}
			}
		}
		site := map[desk.Deed]error{
			desk.AddStaff: o.RecordAsk(ctx, who, undersigned.Moderator),
			desk.EndStaff: o.EndStaff(ctx, who, 99),
			desk.Pause:    o.Pause(ctx, who, desk.Notices{}),
			desk.OpenSite: o.OpenSite(ctx, who, false),
		}
		_, _, site[desk.ChangeSettings] = o.TrySettings(ctx, who, desk.Sections[0], desk.Typed{})
		for deed, err := range site {
			if slices.Contains(page[deed], role) == errors.Is(err, desk.ErrForbidden) {
				t.Errorf("%s: %q gave %v", role, deed, err)
			}
		}
	}
}

// A responder sees what is published, and of that nothing which staff keep beside it.
func TestG49WhatAResponderSees(t *testing.T) {
	o := newOffice(t)
	responder := undersigned.Staff{ID: 9, Name: "Rita Bell", Role: undersigned.Responder, Active: true}
	auditor := undersigned.Staff{ID: 10, Name: "Al Wood", Role: undersigned.Auditor, Active: true}
	seen := 0
	for _, state := range allStates {
		p := o.petition(state)
		o.Check(o.Reply(ctx, moderator, at(p), "We will look at it on Monday."))
		full, err := o.Case(ctx, auditor, p.ID)
		o.Check(err)
		if len(full.Messages) == 0 || len(full.History) == 0 {
			t.Errorf("an auditor does not see all of a petition that is %s", state)
		}
		c, err := o.Case(ctx, responder, p.ID)
		if p.OpenedAt.IsZero() || state == undersigned.Removed {
			if !errors.Is(err, undersigned.ErrNotFound) || c.Title != "" {
				t.Errorf("a responder sees a petition that is %s: %v", state, err)
			}
			continue
		}
		seen++
		if err != nil || c.Title == "" || len(c.Messages)+len(c.History)+len(c.Texts) > 0 {
			t.Errorf("of a petition that is %s a responder sees %d messages and %d acts: %v", state, len(c.Messages), len(c.History), err)
		}
	}
	if seen != 4 {
		t.Errorf("a responder sees petitions in %d states", seen)
	}
	if h := (desk.Hub{Recent: []store.TitledAct{{}}, Unanswered: []store.Unanswered{{}}, Owed: []store.Owed{{}}}).For(responder); len(h.Recent)+len(h.Unanswered) > 0 || len(h.Owed) != 1 {
		t.Errorf("a responder's hub is %+v", h)
	}
}
