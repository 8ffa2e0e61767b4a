// Package ops is for who runs the machine: a private port that says whether a part is
// alive, ready and well, certificates for its public ones, and what systemd wants to
// hear. Nothing it says is about a petition or a person.
package ops
