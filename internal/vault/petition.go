package vault

import (
	"crypto/cipher"
	"fmt"

	"undersigned"
	"undersigned/internal/seal"
)

// PetitionKeys are the keys of one petition. They are made when its creator confirms
// and destroyed on its retention date; they are never in the database or its backups.
type PetitionKeys struct {
	Petition int64
	site     [16]byte
	keyID    []byte
	address  []byte
	link     []byte
	reply    cipher.AEAD
	audit    cipher.AEAD
	hearing  cipher.AEAD // derived: who may mail an answer needs no phone number
	news     cipher.AEAD // likewise, nor who wants news of the creator's

	fingerprint [32]byte
}

type petitionFile struct {
	Petition int64  `json:"petition"`
	KeyID    []byte `json:"key_id"`
	Address  []byte `json:"address_tag"`
	Reply    []byte `json:"reply"`
	Audit    []byte `json:"audit"`
	Link     []byte `json:"link"`
}

func petitionName(petition int64) string { return fmt.Sprintf("petitions/%08d.age", petition) }

// MakePetitionKeys makes the keys of a petition, on the disk in both folders before it
// returns. Keys that are already there are kept: they are from a try that did not
// reach the database, so nothing was ever sealed with them that counts.
func (v *Vault) MakePetitionKeys(site [16]byte, petition int64) (*PetitionKeys, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.has(petitionName(petition)) {
		file := petitionFile{petition, random(4), random(32), random(32), random(32), random(32)}
		if err := v.save(petitionName(petition), file); err != nil {
			return nil, err
		}
	}
	return v.petitionLocked(site, petition)
}

// Petition gives the keys of a petition.
//
// Errors: ErrNoKey where they are not in the store, destroyed or lost.
func (v *Vault) Petition(site [16]byte, petition int64) (*PetitionKeys, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.petitionLocked(site, petition)
}

func (v *Vault) petitionLocked(site [16]byte, petition int64) (*PetitionKeys, error) {
	if keys, ok := v.petitions[petition]; ok {
		return keys, nil
	}
	var file petitionFile
	if err := v.load(petitionName(petition), &file); err != nil {
		return nil, err
	}
	if file.Petition != petition || len(file.KeyID) != 4 {
		return nil, fmt.Errorf("key file of petition %d: it is another petition's", petition)
	}
	reply, err := seal.NewAEAD(file.Reply)
	if err != nil {
		return nil, err
	}
	audit, err := seal.NewAEAD(file.Audit)
	if err != nil {
		return nil, err
	}
	hearing, err := seal.NewAEAD(derive(file.Reply, "hearing"))
	if err != nil {
		return nil, err
	}
	news, err := seal.NewAEAD(derive(file.Reply, "news"))
	if err != nil {
		return nil, err
	}
	keys := &PetitionKeys{petition, site, file.KeyID, file.Address, file.Link, reply, audit, hearing, news, file.fingerprint()}
	v.petitions[petition] = keys
	return keys, nil
}

// DestroyPetitionKeys ends the keys of a petition, and its terms, which nothing needs then.
func (v *Vault) DestroyPetitionKeys(petition int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.petitions, petition)
	if err := v.destroy(petitionName(petition)); err != nil {
		return err
	}
	delete(v.terms, petition)
	return v.destroy(termsName(petition))
}

// HasPetitionKeys reports whether the key store holds the keys of a petition.
func (v *Vault) HasPetitionKeys(petition int64) bool { return v.has(petitionName(petition)) }

// AddressTag is the tag by which one address counts once on this petition.
func (k *PetitionKeys) AddressTag(canonical string) [16]byte {
	return tag(k.address, "address", canonical)
}

// DomainTag is the tag by which the signatures of one mail domain are counted on this
// petition.
func (k *PetitionKeys) DomainTag(domain string) [16]byte { return tag(k.address, "domain", domain) }

// ClusterMark is what is kept of a cluster: no other petition has the same for it.
func (k *PetitionKeys) ClusterMark(cluster []byte) [8]byte {
	sum := tag(k.address, "cluster", string(cluster))
	return [8]byte(sum[:8])
}

// Token makes the token of a link that lives as long as the petition's keys: own page,
// sponsor, creator, hearing.
func (k *PetitionKeys) Token(kind undersigned.LinkKind, id undersigned.ID) undersigned.Token {
	return token(k.link, kind, id)
}

func (k *PetitionKeys) context(purpose seal.Purpose, id undersigned.ID, version undersigned.TextVersion) seal.Context {
	return seal.Context{Site: k.site, Petition: k.Petition, ID: id, Purpose: purpose, Version: version}
}

// SealReply seals the part that mails the answer.
func (k *PetitionKeys) SealReply(id undersigned.ID, version undersigned.TextVersion, contact seal.Contact) ([]byte, error) {
	return seal.Seal(k.reply, seal.FormatReply, k.keyID, k.context(seal.PurposeReply, id, version), contact.Encode())
}

// OpenReply is the inverse of SealReply.
func (k *PetitionKeys) OpenReply(id undersigned.ID, version undersigned.TextVersion, sealed []byte) (seal.Contact, error) {
	return openContact("a reply part", k.reply, seal.FormatReply, k.context(seal.PurposeReply, id, version), sealed)
}

// SealNews seals the part that mails news of who started the petition.
func (k *PetitionKeys) SealNews(id undersigned.ID, version undersigned.TextVersion, contact seal.Contact) ([]byte, error) {
	return seal.Seal(k.news, seal.FormatNews, k.keyID, k.context(seal.PurposeNews, id, version), contact.Encode())
}

// OpenNews is the inverse of SealNews.
func (k *PetitionKeys) OpenNews(id undersigned.ID, version undersigned.TextVersion, sealed []byte) (seal.Contact, error) {
	return openContact("a news part", k.news, seal.FormatNews, k.context(seal.PurposeNews, id, version), sealed)
}

// SealAudit seals the part that proves the count.
func (k *PetitionKeys) SealAudit(id undersigned.ID, version undersigned.TextVersion, audit seal.Audit) ([]byte, error) {
	return seal.Seal(k.audit, seal.FormatAudit, k.keyID, k.context(seal.PurposeAudit, id, version), audit.Encode())
}

// OpenAudit is the inverse of SealAudit.
func (k *PetitionKeys) OpenAudit(id undersigned.ID, version undersigned.TextVersion, sealed []byte) (seal.Audit, error) {
	content, err := seal.Open(k.audit, seal.FormatAudit, k.context(seal.PurposeAudit, id, version), sealed)
	if err != nil {
		return seal.Audit{}, fmt.Errorf("open an audit part: %w", err)
	}
	return seal.DecodeAudit(content)
}

// SealCreator seals how to reach who started the petition, whatever they answered as
// signer: without it nobody could tell them that it was published.
func (k *PetitionKeys) SealCreator(id undersigned.ID, contact seal.Contact) ([]byte, error) {
	return seal.Seal(k.reply, seal.FormatReply, k.keyID, k.context(seal.PurposeCreator, id, undersigned.TextVersion{}), contact.Encode())
}

// OpenCreator is the inverse of SealCreator.
func (k *PetitionKeys) OpenCreator(id undersigned.ID, sealed []byte) (seal.Contact, error) {
	return openContact("a creator's contact", k.reply, seal.FormatReply, k.context(seal.PurposeCreator, id, undersigned.TextVersion{}), sealed)
}

// openContact opens how somebody is reached. what is for the error.
func openContact(what string, key cipher.AEAD, format seal.Format, in seal.Context, sealed []byte) (seal.Contact, error) {
	content, err := seal.Open(key, format, in, sealed)
	if err != nil {
		return seal.Contact{}, fmt.Errorf("open %s: %w", what, err)
	}
	return seal.DecodeContact(content)
}

// SealHearing seals how the creator can be called and written to for a hearing. id is that
// of the letter that brought it.
func (k *PetitionKeys) SealHearing(id undersigned.ID, h undersigned.Hearing) ([]byte, error) {
	return seal.Seal(k.hearing, seal.FormatHearing, k.keyID, k.context(seal.PurposeHearing, id, undersigned.TextVersion{}), seal.EncodeHearing(h))
}

// OpenHearing is the inverse of SealHearing.
func (k *PetitionKeys) OpenHearing(id undersigned.ID, sealed []byte) (undersigned.Hearing, error) {
	content, err := seal.Open(k.hearing, seal.FormatHearing, k.context(seal.PurposeHearing, id, undersigned.TextVersion{}), sealed)
	if err != nil {
		return undersigned.Hearing{}, fmt.Errorf("open what is for a hearing: %w", err)
	}
	return seal.DecodeHearing(content)
}
