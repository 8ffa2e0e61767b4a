package web

import (
	"errors"
	"net/http"
)

var errLater = errors.New("not written yet")

type signSheets struct{}

func (s *Server) home(w http.ResponseWriter, r *http.Request) error          { return errLater }
func (s *Server) list(w http.ResponseWriter, r *http.Request) error          { return errLater }
func (s *Server) listJSON(w http.ResponseWriter, r *http.Request) error      { return errLater }
func (s *Server) listCSV(w http.ResponseWriter, r *http.Request) error       { return errLater }
func (s *Server) listAtom(w http.ResponseWriter, r *http.Request) error      { return errLater }
func (s *Server) petition(w http.ResponseWriter, r *http.Request) error      { return errLater }
func (s *Server) count(w http.ResponseWriter, r *http.Request) error         { return errLater }
func (s *Server) number(w http.ResponseWriter, r *http.Request) error        { return errLater }
func (s *Server) wording(w http.ResponseWriter, r *http.Request) error       { return errLater }
func (s *Server) poster(w http.ResponseWriter, r *http.Request) error        { return errLater }
func (s *Server) signForm(w http.ResponseWriter, r *http.Request) error      { return errLater }
func (s *Server) sign(w http.ResponseWriter, r *http.Request) error          { return errLater }
func (s *Server) sponsorForm(w http.ResponseWriter, r *http.Request) error   { return errLater }
func (s *Server) sponsor(w http.ResponseWriter, r *http.Request) error       { return errLater }
func (s *Server) startForm(w http.ResponseWriter, r *http.Request) error     { return errLater }
func (s *Server) start(w http.ResponseWriter, r *http.Request) error         { return errLater }
func (s *Server) link(w http.ResponseWriter, r *http.Request) error          { return errLater }
func (s *Server) linkDeed(w http.ResponseWriter, r *http.Request) error      { return errLater }
func (s *Server) done(w http.ResponseWriter, r *http.Request) error          { return errLater }
func (s *Server) notMe(w http.ResponseWriter, r *http.Request) error         { return errLater }
func (s *Server) outcome(w http.ResponseWriter, r *http.Request) error       { return errLater }
func (s *Server) about(w http.ResponseWriter, r *http.Request) error         { return errLater }
func (s *Server) how(w http.ResponseWriter, r *http.Request) error           { return errLater }
func (s *Server) standards(w http.ResponseWriter, r *http.Request) error     { return errLater }
func (s *Server) privacy(w http.ResponseWriter, r *http.Request) error       { return errLater }
func (s *Server) accessibility(w http.ResponseWriter, r *http.Request) error { return errLater }
func (s *Server) cookies(w http.ResponseWriter, r *http.Request) error       { return errLater }
func (s *Server) oneAddress(w http.ResponseWriter, r *http.Request) error    { return errLater }
func (s *Server) terms(w http.ResponseWriter, r *http.Request) error         { return errLater }
func (s *Server) contact(w http.ResponseWriter, r *http.Request) error       { return errLater }
