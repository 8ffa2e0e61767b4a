package undersigned

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A DisclosurePurpose says why data about signers is handed to somebody. What may be in
// the file follows from it.
type DisclosurePurpose string

// The purposes.
const (
	DisclosureCourt        DisclosurePurpose = "court"        // a court or authority orders it
	DisclosureAudit        DisclosurePurpose = "audit"        // somebody checks a sample of the count
	DisclosureVerification DisclosurePurpose = "verification" // a body must by law check who signed
	DisclosureQuestion     DisclosurePurpose = "question"     // a court asks whether one address signed
)

// A LegalBasis says what allows a disclosure.
type LegalBasis string

// The bases.
const (
	BasisOrder LegalBasis = "order"      // a binding order that was served on the controller
	BasisLaw   LegalBasis = "law"        // a law says that signatures are handed over
	BasisAudit LegalBasis = "audit-duty" // the controller must have the count audited
)

// A RecipientKind says who gets a disclosure, as the public reads it beside the name.
type RecipientKind string

// The kinds of recipients.
const (
	RecipientCourt     RecipientKind = "court"
	RecipientAuthority RecipientKind = "authority"
	RecipientBody      RecipientKind = "body" // whom the petition is for
	RecipientAuditor   RecipientKind = "auditor"
)

// Fields are what a disclosure holds of each signature, as a set of bits. The ledger says
// them as this number: never change one.
type Fields int64

// The fields.
const (
	FieldName     Fields = 1 << iota
	FieldEmail           // empty where the signer asked us to forget it
	FieldPostcode        // empty where it was not asked for
	FieldCountry
	FieldTimes    // when the form was sent, and when the button was pressed
	FieldPurposes // what else the signer agreed to
	FieldLeaf     // the version of the text that was signed, and the leaf in the ledger
	FieldHearing  // phone number and postal address of who started it, where they gave them
	allFields     = 1<<iota - 1
)

var fieldNames = []string{"name", "email", "postcode", "country", "times", "purposes", "leaf", "hearing"}

// Names gives the names of the fields, in their order.
func (f Fields) Names() (names []string) {
	for i, name := range fieldNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// FieldsNamed is the inverse of Names.
//
// Errors: ErrDisclosureFields.
func FieldsNamed(names []string) (fields Fields, err error) {
	for _, name := range names {
		i := slices.Index(fieldNames, name)
		if i < 0 {
			return 0, fmt.Errorf("%w: there is none called %q", ErrDisclosureFields, name)
		}
		fields |= 1 << i
	}
	return fields, nil
}

// Limits of disclosures.
const (
	// MostSample is what an audit takes at most: 385 are enough to know a share to within
	// five in a hundred, however many signed.
	MostSample = 400
	// MostQuestions is how many questions about one address may be ordered in a minute. An
	// order takes a person longer than that; a program is stopped.
	MostQuestions = 10
	// DisclosureLife is how long after it was agreed to a disclosure may be made.
	DisclosureLife = 30 * 24 * time.Hour
	// MostRecipientRunes bounds the name of a recipient, and what the other side calls it.
	MostRecipientRunes = 100
	MostReferenceRunes = 60
)

// A disclosureRule is what a purpose allows.
type disclosureRule struct {
	bases      []LegalBasis
	recipients []RecipientKind
	fields     Fields
	quota      int // disclosures of a petition; 0: as many as there are orders
}

var disclosureRules = map[DisclosurePurpose]disclosureRule{
	DisclosureCourt:        {[]LegalBasis{BasisOrder}, []RecipientKind{RecipientCourt, RecipientAuthority}, allFields, 0},
	DisclosureAudit:        {[]LegalBasis{BasisAudit, BasisLaw}, []RecipientKind{RecipientAuditor, RecipientAuthority}, FieldName | FieldEmail | FieldPostcode | FieldCountry | FieldTimes | FieldLeaf, 4},
	DisclosureVerification: {[]LegalBasis{BasisLaw}, []RecipientKind{RecipientBody, RecipientAuthority}, FieldName | FieldPostcode | FieldCountry | FieldLeaf, 2},
	DisclosureQuestion:     {[]LegalBasis{BasisOrder}, []RecipientKind{RecipientCourt, RecipientAuthority}, FieldName | FieldPostcode | FieldCountry | FieldTimes, 0},
}

// Quota is how many disclosures for this purpose a petition may have; 0: any number.
func (p DisclosurePurpose) Quota() int { return disclosureRules[p].quota }

// What is wrong with a wish to disclose.
var (
	ErrDisclosurePurpose   = errors.New("there is no such purpose")
	ErrDisclosureBasis     = errors.New("this legal basis does not allow this purpose")
	ErrDisclosureRecipient = errors.New("this purpose is for other recipients, or the name is missing or too long")
	ErrDisclosureFields    = errors.New("the purpose does not allow these fields")
	ErrDisclosureSample    = errors.New("an audit takes a sample of 1 to 400, and no other purpose does")
	ErrDisclosureAddress   = errors.New("a question is about one address, and no other purpose is")
	ErrDisclosureReference = errors.New("what the other side calls it is too long")
	ErrDisclosureDocument  = errors.New("the written order is missing")
	ErrDisclosureQuota     = errors.New("the petition has had all its disclosures for this purpose")
)

// A DisclosureWish is what somebody wants handed over.
type DisclosureWish struct {
	Petition  int64
	Purpose   DisclosurePurpose
	Basis     LegalBasis
	Kind      RecipientKind
	Recipient string   // who gets it, as the public reads it
	Key       string   // their age public key
	KeyHash   [32]byte // SHA-256 of Key
	Fields    Fields
	Sample    int      // of an audit
	Address   string   // of a question
	Reference string   // what the other side calls it: a file number; read by the two people who agree
	Document  [32]byte // SHA-256 of the written order
}

// Check says whether the rules allow the wish.
func (w DisclosureWish) Check() error {
	rule, known := disclosureRules[w.Purpose]
	switch {
	case !known:
		return ErrDisclosurePurpose
	case !slices.Contains(rule.bases, w.Basis):
		return ErrDisclosureBasis
	case !slices.Contains(rule.recipients, w.Kind), strings.TrimSpace(w.Recipient) == "", CheckText(w.Recipient, MostRecipientRunes) != nil:
		return ErrDisclosureRecipient
	case w.Fields&^rule.fields != 0, w.Fields == 0 && w.Purpose != DisclosureQuestion:
		return ErrDisclosureFields
	case w.Purpose == DisclosureAudit && (w.Sample < 1 || w.Sample > MostSample), w.Purpose != DisclosureAudit && w.Sample != 0:
		return ErrDisclosureSample
	case (w.Purpose == DisclosureQuestion) != (w.Address != ""):
		return ErrDisclosureAddress
	case CheckText(w.Reference, MostReferenceRunes) != nil:
		return ErrDisclosureReference
	case w.Document == [32]byte{}:
		return ErrDisclosureDocument
	}
	return nil
}

// Hash is what two people agree to and what the ledger names. The salt keeps whoever has
// the ledger from trying addresses.
//
// Encoding: that of a TextVersion, with the label "undersigned disclosure v1".
func (w DisclosureWish) Hash(salt []byte) [32]byte {
	return hashFields("undersigned disclosure v1", [][2]string{
		{"salt", hex.EncodeToString(salt)}, {"petition", strconv.FormatInt(w.Petition, 10)}, {"purpose", string(w.Purpose)}, {"basis", string(w.Basis)},
		{"kind", string(w.Kind)}, {"recipient", w.Recipient}, {"key", hex.EncodeToString(w.KeyHash[:])}, {"fields", strconv.FormatInt(int64(w.Fields), 10)},
		{"sample", strconv.Itoa(w.Sample)}, {"address", w.Address}, {"reference", w.Reference}, {"document", hex.EncodeToString(w.Document[:])},
	})
}

// A DisclosureState is where a disclosure stands.
type DisclosureState int

// The states, as they are stored.
const (
	DisclosureWaiting DisclosureState = 0 // for two people
	DisclosureAgreed  DisclosureState = 1 // two people agreed
	DisclosureTold    DisclosureState = 2 // the ledger is about to tell of it, or does; nothing was opened before
	DisclosureMade    DisclosureState = 3 // the sealed file was written
	DisclosureVoid    DisclosureState = 4 // it came to nothing
)

// Why a disclosure came to nothing, as it is stored.
const (
	DisclosureLate    = "time"    // it was not agreed to, or not made, in time
	DisclosureStopped = "stopped" // the operator stopped it
	DisclosureGone    = "gone"    // the petition's keys were destroyed
)

// A Disclosure is one handing over of data about signers, as anybody may read it from the
// moment the ledger tells of it, which is before anything is opened.
type Disclosure struct {
	Number    int64
	Petition  int64
	Purpose   DisclosurePurpose
	Basis     LegalBasis
	Kind      RecipientKind
	Recipient string // as staff wrote it
	Fields    Fields
	Sample    int   // of how many an audit takes a sample; 0: of no audit
	Size      int64 // records at most, as the ledger says; of a protected petition in tens, of a question 1
	Records   int64 // that were in the file; likewise
	State     DisclosureState
	OrderedAt time.Time
	ToldAt    time.Time // zero: the ledger does not tell of it
	MadeAt    time.Time // zero: no file was written
}

// AssentText is what the steward's assent to what the public reads of a disclosure is made
// of.
func (d Disclosure) AssentText() []byte {
	return fmt.Appendf(nil, "%d:%d:%s:%s:%s:%d:%d:%d:%d:%s", d.Number, d.Petition, d.Purpose, d.Basis, d.Kind, d.Fields, d.Sample, d.Size, Micros(d.ToldAt), d.Recipient)
}
