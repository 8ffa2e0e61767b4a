package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"undersigned/internal/backup"
	"undersigned/internal/cosign"
	"undersigned/internal/ledger"
	"undersigned/internal/ops"
)

// A ledgerConfig is the part of site.toml about who confirms the ledger from outside.
type ledgerConfig struct {
	Demand  int             `toml:"demand"`
	Witness []witnessConfig `toml:"witness"`
}

type witnessConfig struct {
	Name string `toml:"name"`
	Key  string `toml:"key"`
	URL  string `toml:"url"`
}

// keys are those of all witnesses.
func (c ledgerConfig) keys() (keys []string) {
	for _, w := range c.Witness {
		keys = append(keys, w.Key)
	}
	return keys
}

// check says what is wrong with settings that can be judged without the network.
func (c ledgerConfig) check() error {
	_, err := c.witnesses()
	return err
}

// witnesses are who is asked.
func (c ledgerConfig) witnesses() (all []cosign.Witness, err error) {
	if c.Demand < 0 || c.Demand > len(c.Witness) {
		return nil, hinted{fmt.Errorf("[ledger] demand: %d of %d witnesses cannot confirm a head", c.Demand, len(c.Witness)), "name as many witnesses as are demanded, or demand fewer; demand = 0 waits for none"}
	}
	seen := map[string]bool{}
	for i, w := range c.Witness {
		key, err := ledger.ParseWitnessKey(w.Key)
		if err != nil {
			return nil, hinted{fmt.Errorf("[[ledger.witness]] %d: %w", i+1, err), "ask the witness for its key again"}
		}
		u, err := url.Parse(w.URL)
		switch {
		case w.Name == "" || strings.ContainsAny(w.Name, "\r\n"):
			return nil, hinted{fmt.Errorf("[[ledger.witness]] %d has no name that people can read", i+1), `write it as: name = "Evening News"`}
		case err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http":
			return nil, hinted{fmt.Errorf("[[ledger.witness]] %d: %q is no address", i+1, w.URL), `write it as: url = "https://witness.example.org"`}
		case u.Scheme == "http" && !ops.Loopback(net.JoinHostPort(u.Hostname(), "80")):
			return nil, hinted{fmt.Errorf("[[ledger.witness]] %d: %s is asked without TLS", i+1, u.Host), "write https://"}
		}
		// Two names for one key or one person's machine are one witness.
		for _, what := range []string{key.String(), key.Name(), w.Name, u.Host} {
			if seen[what] && !ops.Loopback(u.Host) {
				return nil, hinted{fmt.Errorf("[[ledger.witness]] %d: %s is named twice", i+1, what), "name each witness once: two of one person are one"}
			}
		}
		for _, what := range []string{key.String(), key.Name(), w.Name, u.Host} {
			seen[what] = true
		}
		all = append(all, cosign.Witness{Name: w.Name, Key: key, URL: strings.TrimSuffix(w.URL, "/")})
	}
	return all, nil
}

// mustNotBeBehind asks the witnesses, before the steward acts, whether they have confirmed
// what the database does not hold. If so, that is written down, and the site does not act.
func (p *parts) mustNotBeBehind(ctx context.Context) error {
	behind, err := p.steward.BehindWitnesses(ctx)
	if err != nil {
		return fmt.Errorf("ask the witnesses: %w", err)
	}
	if len(behind) == 0 {
		return nil
	}
	all := make([]backup.Behind, len(behind))
	for i, one := range behind {
		all[i] = backup.Behind{Key: one.Key, Why: one.Why}
	}
	return errors.Join(copyError{behind[0].Why, true}, backup.KeepBehind(p.dir, all))
}
