package web

import (
	"net/http"

	"undersigned"
)

// staffPages is what the staff's pages keep beside the server.
type staffPages struct{}

// openStaff prepares the staff's pages.
func (s *Server) openStaff() error { return nil }

// staffRoutes are the pages of the desk. They are served beside the public ones, or
// alone at an address of their own.
func staffRoutes() []route { return nil }

// staffOf finds who is signed in.
//
// Errors: errSignedOut where nobody is.
func (s *Server) staffOf(r *http.Request) (undersigned.Staff, error) {
	return undersigned.Staff{}, errSignedOut
}
