package steward

import (
	"strings"

	"undersigned"
	"undersigned/internal/address"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// suspect says why a signature is not counted before staff have looked, and which ones it
// belongs to; 0 where nothing speaks against it. What the form was told weighs first, then
// the address. Every page and mail is the same in either case.
func (b *batch) suspect(p *plan, pet *petition, first *vault.OpenedLetter, canonical string) (why undersigned.Suspicion, mark [8]byte) {
	if len(first.Suspicions) > 0 {
		return first.Suspicions[0], pet.keys.ClusterMark(first.Cluster[:])
	}
	domain := domainOf(canonical)
	if pet.body.Floor.ThrowAway == undersigned.ThrowAwayHeld && address.IsThrowAway(domain) {
		return undersigned.SuspectThrowAway, pet.keys.ClusterMark([]byte(domain))
	}
	house, counted := houseOf(pet, canonical)
	if !counted {
		return 0, mark
	}
	if b.domains[house]+p.domains[house] >= pet.body.Floor.Cap() {
		return undersigned.SuspectDomain, [8]byte(house.Tag[:8])
	}
	if p.domains == nil {
		p.domains = map[store.Claim]int{}
	}
	p.domains[house]++
	return 0, mark
}

// houseOf gives the tag by which the signatures of an address's domain are counted; false
// where they are not, because it is a provider's or no cap is set.
func houseOf(pet *petition, canonical string) (store.Claim, bool) {
	if pet.body.Floor.Cap() == 0 {
		return store.Claim{}, false
	}
	house := address.House(domainOf(canonical), pet.body.Floor.SharedDomains)
	if house == "" {
		return store.Claim{}, false
	}
	return store.Claim{Petition: pet.ID, Tag: pet.keys.DomainTag(house)}, true
}

func domainOf(canonical string) string { return canonical[strings.LastIndexByte(canonical, '@')+1:] }

// setAside claims the slots of the addresses of signatures that are held, keeps those that
// got theirs, and counts the domains of the others.
func (s *Steward) setAside(tx *store.StewardTx, p *plan) error {
	if len(p.domains) > 0 {
		if err := tx.CountDomains(p.domains); err != nil {
			return err
		}
	}
	if len(p.aside) == 0 {
		return nil
	}
	signatures := make([]undersigned.Signature, len(p.aside))
	for i := range p.aside {
		signatures[i] = p.aside[i].Signature
	}
	got, err := tx.AddTags(signatures)
	if err != nil {
		return err
	}
	kept := make([]store.HeldSignature, 0, len(p.aside))
	for i := range p.aside {
		if got[p.aside[i].Number] {
			kept = append(kept, p.aside[i])
		}
	}
	return tx.HoldSignatures(kept)
}
