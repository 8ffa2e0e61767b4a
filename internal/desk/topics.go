package desk

import (
	"context"
	"slices"
	"strings"

	"undersigned"
)

// FileUnder says under which topics a published petition is filed, and which departments
// it is with. The same again changes nothing.
//
// Errors: Problems of the fields topic and department; those of a deed.
func (d *Desk) FileUnder(ctx context.Context, staff undersigned.Staff, target Target, topics, departments []string) error {
	known, err := d.Topics(ctx)
	if err != nil {
		return err
	}
	all, err := d.store.Facts(ctx, target.Petition)
	if err != nil {
		return err
	}
	return d.change(ctx, staff, Annotate, target, func(c *change) error {
		facts := all[c.row.ID]
		chosen, problems := chooseDepartments(c.body, facts, departments)
		topics := slices.Compact(slices.Sorted(slices.Values(topics)))
		for _, topic := range topics {
			if !slices.Contains(known, topic) {
				problems.add("topic", ErrUnknown)
				break
			}
		}
		if err := problems.err(); err != nil {
			return err
		}
		if slices.Equal(topics, facts.Topics) && slices.Equal(chosen, facts.Departments) {
			return nil
		}
		if err := c.tx.SetTopics(c.row.ID, topics); err != nil {
			return err
		}
		if err := c.tx.SetDepartments(c.row.ID, chosen); err != nil {
			return err
		}
		names := slices.Clone(topics)
		for _, one := range chosen {
			names = append(names, one.Name)
		}
		c.record(undersigned.ActFiled, "", strings.Join(names, ", "))
		return nil
	})
}

// Departments are those that a petition can be with: the body's, and those that it came
// with.
func Departments(body undersigned.Body, facts undersigned.Facts) []undersigned.Department {
	all := slices.Clone(facts.Departments)
	for _, name := range body.Departments {
		if !slices.ContainsFunc(all, func(one undersigned.Department) bool { return one.Name == name }) {
			all = append(all, undersigned.Department{Name: name})
		}
	}
	return all
}

func chooseDepartments(body undersigned.Body, facts undersigned.Facts, names []string) (chosen []undersigned.Department, problems Problems) {
	known := Departments(body, facts)
	for _, name := range names {
		at := slices.IndexFunc(known, func(one undersigned.Department) bool { return one.Name == name })
		if at < 0 {
			problems.add("department", ErrUnknown)
			return nil, problems
		}
		if !slices.Contains(chosen, known[at]) {
			chosen = append(chosen, known[at])
		}
	}
	return chosen, problems
}
