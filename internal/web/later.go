package web

import (
	"errors"
	"net/http"
)

var errLater = errors.New("not written yet")

func (s *Server) sponsorForm(w http.ResponseWriter, r *http.Request) error { return errLater }
func (s *Server) sponsor(w http.ResponseWriter, r *http.Request) error     { return errLater }
func (s *Server) startForm(w http.ResponseWriter, r *http.Request) error   { return errLater }
func (s *Server) start(w http.ResponseWriter, r *http.Request) error       { return errLater }
func (s *Server) link(w http.ResponseWriter, r *http.Request) error        { return errLater }
func (s *Server) linkDeed(w http.ResponseWriter, r *http.Request) error    { return errLater }
func (s *Server) done(w http.ResponseWriter, r *http.Request) error        { return errLater }
func (s *Server) notMe(w http.ResponseWriter, r *http.Request) error       { return errLater }
func (s *Server) outcome(w http.ResponseWriter, r *http.Request) error     { return errLater }
