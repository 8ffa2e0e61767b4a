package witness

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// mostBody bounds a request: a proof of 63 hashes and a note with many signatures.
const mostBody = 64 << 10

// Handler answers logs at /add-checkpoint, and tells whoever asks at / which key this
// witness has and what it confirmed last.
func (w *Witness) Handler(log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", func(to http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(to, r.Body, mostBody))
		if err != nil {
			http.Error(to, "the request is too long, or was cut off", http.StatusBadRequest)
			return
		}
		line, err := w.Add(body)
		var conflict *ConflictError
		switch {
		case err == nil:
			to.Header().Set("Content-Type", "text/plain; charset=utf-8")
			io.WriteString(to, line)
		case errors.As(err, &conflict):
			to.Header().Set("Content-Type", "text/x.tlog.size")
			to.WriteHeader(http.StatusConflict)
			io.WriteString(to, strconv.FormatInt(conflict.Size, 10)+"\n")
		case errors.Is(err, ErrUnknownLog):
			http.Error(to, err.Error(), http.StatusNotFound)
		case errors.Is(err, ErrUnsigned):
			http.Error(to, err.Error(), http.StatusForbidden)
		case errors.Is(err, ErrProof):
			http.Error(to, err.Error(), http.StatusUnprocessableEntity)
		case errors.Is(err, errRequest), errors.Is(err, ErrSizes):
			http.Error(to, err.Error(), http.StatusBadRequest)
		default:
			log.Error("a head could not be confirmed", "error", err)
			http.Error(to, "this witness cannot confirm anything now", http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET /{$}", func(to http.ResponseWriter, r *http.Request) {
		origins, heads, err := w.Logs()
		if err != nil {
			log.Error("what was confirmed could not be read", "error", err)
			http.Error(to, "this witness cannot say now what it has confirmed", http.StatusInternalServerError)
			return
		}
		to.Header().Set("Content-Type", "text/plain; charset=utf-8")
		to.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprintf(to, "The key of this witness:\n\n%s\n\nThe last head that it has confirmed of each log:\n", w.Key())
		for _, origin := range origins {
			fmt.Fprintf(to, "\n%s", heads[origin])
			if len(heads[origin]) == 0 {
				fmt.Fprintf(to, "%s: none yet\n", origin)
			}
		}
	})
	return mux
}

// NewServer serves a witness; the limits are for a port that anybody may reach.
func NewServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
}
