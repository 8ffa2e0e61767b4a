// Package model holds random histories of a site against a reference that is so simple
// that one can see it is right: letters in their order, one signature an address and
// petition, nothing that was acknowledged lost. It has tests only.
package model
