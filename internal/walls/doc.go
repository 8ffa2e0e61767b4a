// Package walls holds the house to its plan: which room may import which, who may hold
// keys, and who speaks SQL and HTML. It has tests only. Walls between packages keep code
// honest; users, file modes and database roles keep intruders out.
package walls
