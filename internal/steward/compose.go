package steward

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"undersigned"
	"undersigned/internal/mail"
	"undersigned/internal/mail/texts"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// A JobKind says which mail a job is. Numbers are stored: never reuse one.
type JobKind int

// The kinds. Ref is a letter for the first five, contact and find, a signature for a copy
// and a receipt, a staff member for what goes to staff, and for the rest of what goes to a
// creator an act or nothing.
const (
	JobConfirm         JobKind = 1
	JobConfirmStart    JobKind = 2
	JobConfirmSponsor  JobKind = 3
	JobAlreadySigned   JobKind = 4
	JobSignIn          JobKind = 5
	JobCopy            JobKind = 6
	JobCreatorWelcome  JobKind = 7
	JobSponsorProgress JobKind = 8
	JobQueued          JobKind = 9
	JobPublished       JobKind = 10
	JobRejected        JobKind = 11
	JobReturned        JobKind = 12
	JobTakenDown       JobKind = 13
	JobRestored        JobKind = 14
	JobReplied         JobKind = 15
	JobAnswered        JobKind = 16
	JobClosed          JobKind = 17
	JobRelease         JobKind = 18
	JobStaffWelcome    JobKind = 19
	JobContact         JobKind = 20
	JobDisk            JobKind = 21 // to an administrator
	JobReleaseHeld     JobKind = 22 // to an administrator
	JobHeldRemoved     JobKind = 23 // to somebody whose held signature was removed
	JobReleaseAnswer   JobKind = 24 // to an administrator
	JobDelayed         JobKind = 27
	JobNews            JobKind = 30 // to a member of staff: something about a petition
	JobMonday          JobKind = 31 // likewise: the week's summary
	JobHealth          JobKind = 33 // to an administrator: how the machine fares
	JobReceipt         JobKind = 34 // to a signer who asked for it
	JobResponder       JobKind = 32 // to the office that answers: a threshold, or its time
	JobReleaseDisclose JobKind = 36 // to an administrator
	JobQuestions       JobKind = 37 // likewise: many questions about single addresses
	JobReleaseExtend   JobKind = 41 // to an administrator
	JobFind            JobKind = 40 // to whoever asks what their address has signed
	JobHearing         JobKind = 42 // to a colleague: a link to what a creator gave for a hearing
	JobHearingTold     JobKind = 43 // to that creator, at the same moment
	JobReleaseNews     JobKind = 44 // to whom of staff wants news sent
	JobNewsRefused     JobKind = 45 // to the creator who wrote it
)

var jobTexts = map[JobKind]string{
	JobConfirm: "confirm", JobConfirmStart: "confirm-start", JobConfirmSponsor: "confirm-sponsor",
	JobAlreadySigned: "already-signed", JobSignIn: "sign-in", JobCopy: "copy", JobCreatorWelcome: "creator-welcome",
	JobSponsorProgress: "sponsor-progress", JobQueued: "queued", JobPublished: "published", JobRejected: "rejected",
	JobReturned: "returned", JobTakenDown: "taken-down", JobRestored: "restored", JobReplied: "replied",
	JobAnswered: "answered", JobClosed: "closed", JobRelease: "release", JobStaffWelcome: "staff-welcome", JobContact: "contact",
	JobDisk: "disk", JobReleaseHeld: "release-held", JobHeldRemoved: "held-removed", JobDelayed: "delayed", JobReleaseAnswer: "release-answer",
	JobReleaseDisclose: "release-disclose", JobQuestions: "questions", JobNews: "news", JobMonday: "monday", JobResponder: "responder", JobHealth: "health", JobFind: "find", JobReleaseExtend: "release-extend", JobReceipt: "receipt",
	JobHearing: "hearing", JobHearingTold: "hearing-told", JobReleaseNews: "release-news", JobNewsRefused: "news-refused",
}

// ErrNobody means that the mail has nobody to go to any more: the letter, the signature
// or the contact is gone. The job ends.
var ErrNobody = errors.New("there is nobody to mail any more")

// errProviderFull means that the provider of an address must not get more mails yet. It is
// known only when the address is open; the mail waits for the next minute.
var errProviderFull = errors.New("the provider takes no more mails in this minute")

// keepsLetter reports whether the letter stays after its mail was taken: its link waits.
func (k JobKind) keepsLetter() bool {
	return k == JobConfirm || k == JobConfirmStart || k == JobConfirmSponsor
}

// ofLetter reports whether the job's address is in a letter.
func (k JobKind) ofLetter() bool { return k <= JobSignIn || k == JobContact || k == JobFind }

// A written mail, still without its envelope.
type written struct {
	to       string
	replyTo  string // empty: the site's
	language string
	facts    texts.Facts
	holder   seal.Holder // where to comes from, if the steward may learn that it is dead
}

// build composes the mail of a job. It runs when a line to the relay is free: only then
// is the address opened.
func (s *Steward) build(ctx context.Context, job store.Job, dst []byte) (from, to string, msg []byte, err error) {
	body, err := s.body(ctx)
	if err != nil {
		return "", "", nil, err
	}
	w := written{language: body.Language, facts: texts.Facts{
		Site: body.SiteName, Body: body.Name, Controller: body.Controller.Name, URL: s.config.URL, Debate: cmp.Or(body.DebateWord, undersigned.ThenDebate),
	}}
	kind := JobKind(job.Kind)
	switch {
	case kind.ofLetter():
		err = s.writeToLetter(ctx, job, body, &w)
	case kind == JobCopy:
		err = s.writeCopy(ctx, job, body, &w)
	case kind == JobReceipt:
		err = s.writeReceipt(ctx, job, &w)
	case kind == JobHeldRemoved:
		err = s.writeToRemoved(ctx, job, body, &w)
	case kind == JobRelease || kind == JobStaffWelcome || kind == JobDisk || kind == JobReleaseHeld || kind == JobReleaseAnswer || kind == JobReleaseDisclose || kind == JobReleaseExtend || kind == JobReleaseNews || kind == JobQuestions || kind == JobHearing:
		err = s.writeToStaff(ctx, job, body, &w)
	case kind == JobNews || kind == JobMonday || kind == JobHealth:
		err = s.writeToStaff(ctx, job, body, &w)
	case kind == JobResponder:
		err = s.writeToResponder(ctx, job, body, &w)
	default:
		err = s.writeToCreator(ctx, job, body, &w)
	}
	if err != nil {
		return "", "", nil, err
	}
	subject, text, err := texts.Render(w.language, jobTexts[kind], w.facts)
	if err != nil {
		return "", "", nil, err
	}
	if w.holder.Kind == seal.HolderSignature || w.holder.Kind == seal.HolderCreator {
		// Forms to a dead address get this far no more; see mayMail.
		dead, err := s.dead(ctx, w.to)
		if err != nil {
			return "", "", nil, err
		}
		if dead {
			return "", "", nil, ErrNobody
		}
	}
	if !s.limit.takeTo(s.store.Now(), w.to, job.Kind <= urgent.To) {
		return "", "", nil, errProviderFull
	}
	if from, err = s.returnPath(ctx, w.holder); err != nil {
		return "", "", nil, err
	}
	m := mail.Message{
		From: s.config.From, ReplyTo: cmp.Or(w.replyTo, s.config.ReplyTo), To: w.to, EnvelopeFrom: from,
		Subject: subject, Text: text, HTML: texts.ToHTML(w.language, text),
		MessageID: s.messageID(job.Number), Date: job.MadeAt, AutoSubmitted: true,
	}
	msg, err = m.AppendTo(dst)
	return from, w.to, msg, err
}

// epochOf is the epoch in which a mail was made.
func (s *Steward) epochOf(job int64) int64 {
	for _, epoch := range slices.Backward(s.epochs) {
		if job > epoch.Mails {
			return epoch.Number
		}
	}
	return 0
}

// messageID is made from the job alone: a mail that is sent twice can be recognised.
func (s *Steward) messageID(job int64) string {
	name := append(s.site[:], strconv.FormatInt(job, 10)...)
	// A restored database gives the numbers again that were lost with the old one: their
	// mails were other mails, and mail programs fold equal ids.
	if epoch := s.epochOf(job); epoch > 1 {
		name = append(name, " epoch "+strconv.FormatInt(epoch, 10)...)
	}
	sum := sha256.Sum256(name)
	return hex.EncodeToString(sum[:16]) + "@" + s.host
}

func (s *Steward) writeToLetter(ctx context.Context, job store.Job, body undersigned.Body, w *written) error {
	if job.Letter.Sealed == nil {
		return ErrNobody
	}
	letter, err := s.open(ctx, job.Letter)
	if err != nil {
		if unopenable(err) {
			return fmt.Errorf("%w: %w", ErrNobody, err)
		}
		return err
	}
	w.to = letter.Address
	w.facts.DeleteBy = dateInFull(diesAt(job.Letter.At), body)
	switch JobKind(job.Kind) {
	case JobContact:
		// To who runs the site, and so the only mail with words of an unproven sender.
		if w.to, w.replyTo = body.Controller.Email, letter.Address; w.to == "" {
			return ErrNobody
		}
		w.facts.Name, w.facts.Note = letter.Name, letter.Text
	case JobFind:
		w.holder = seal.Holder{Kind: seal.HolderLetter, Number: job.Ref, ID: letter.ID}
		w.facts.Found, err = s.found(ctx, letter.Address)
		return err
	case JobSignIn:
		token := letter.Token(undersigned.LinkSignIn)
		w.facts.Link = s.link(undersigned.LinkSignIn, job.Ref, token)
		w.facts.Code = seal.SignInCode(token)
	case JobConfirmStart:
		w.holder = seal.Holder{Kind: seal.HolderLetter, Number: job.Ref, ID: letter.ID}
		w.facts.Link = s.link(undersigned.LinkConfirm, job.Ref, letter.Token(undersigned.LinkConfirm))
		w.facts.OwnLink = s.link(undersigned.LinkOwn, job.Ref, letter.Token(undersigned.LinkOwn))
	case JobConfirm, JobConfirmSponsor:
		keys, err := s.vault.Petition(s.site, job.Petition)
		if err != nil {
			return nobodyWithout(err)
		}
		w.holder = seal.Holder{Kind: seal.HolderLetter, Number: job.Ref, ID: letter.ID}
		w.facts.Link = s.link(undersigned.LinkConfirm, job.Ref, letter.Token(undersigned.LinkConfirm))
		w.facts.OwnLink = s.link(undersigned.LinkOwn, job.Ref, keys.Token(undersigned.LinkOwn, letter.ID))
	}
	return nil
}

// diesAt is when a letter that arrived at an instant can no longer be opened: its
// letterbox key dies ten days after its day.
func diesAt(at time.Time) time.Time {
	return at.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1).Add(undersigned.LetterboxLife)
}

func nobodyWithout(err error) error {
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, undersigned.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrNobody, err)
	}
	return err
}

func dateInFull(t time.Time, body undersigned.Body) string {
	return t.In(body.Location()).Format("2 January 2006")
}

func (s *Steward) page(petition int64) string {
	return fmt.Sprintf("%s/petitions/%d", s.config.URL, petition)
}

// toSigner opens the signature that a mail is about, and addresses the mail to its signer.
//
// Errors: ErrNobody where it is gone, or its signer asked us to forget the address.
func (s *Steward) toSigner(ctx context.Context, number int64, w *written) (signature store.StoredSignature, audit seal.Audit, err error) {
	if signature, err = s.store.Signature(ctx, number); err != nil {
		return signature, audit, nobodyWithout(err)
	}
	keys, err := s.vault.Petition(s.site, signature.PetitionID)
	if err != nil {
		return signature, audit, nobodyWithout(err)
	}
	if audit, err = keys.OpenAudit(signature.ID, signature.Version, signature.AuditSealed); err != nil {
		return signature, audit, err
	}
	if audit.Address == "" {
		return signature, audit, ErrNobody
	}
	w.to = audit.Address
	w.holder = seal.Holder{Kind: seal.HolderSignature, Number: signature.Number, ID: signature.ID}
	return signature, audit, nil
}

func (s *Steward) writeToCreator(ctx context.Context, job store.Job, body undersigned.Body, w *written) error {
	creator, err := s.store.Creator(ctx, job.Petition)
	if err != nil {
		return nobodyWithout(err)
	}
	if creator.ContactSealed == nil {
		return ErrNobody
	}
	keys, err := s.vault.Petition(s.site, job.Petition)
	if err != nil {
		return nobodyWithout(err)
	}
	contact, err := keys.OpenCreator(creator.ID, creator.ContactSealed)
	if err != nil {
		return err
	}
	petition, err := s.store.Petition(ctx, job.Petition)
	if err != nil {
		return nobodyWithout(err)
	}
	if JobKind(job.Kind) == JobHearingTold {
		if err := s.tellOfOpening(ctx, job, body, w); err != nil {
			return err
		}
	}
	if JobKind(job.Kind) == JobDelayed && petition.State != undersigned.Queued {
		return ErrNobody // decided meanwhile, which they hear of, too
	}
	w.to = contact.Address
	if w.facts.On == "" {
		w.facts.On = dateInFull(petition.QueuedAt, body)
	}
	w.holder = seal.Holder{Kind: seal.HolderCreator, Number: petition.ID, ID: creator.ID}
	w.facts.Title, w.facts.Page, w.facts.Petition = petition.Title, s.page(petition.ID), petition.ID
	w.facts.Link = s.link(undersigned.LinkCreator, petition.ID, keys.Token(undersigned.LinkCreator, creator.ID))
	w.facts.SponsorLink = s.link(undersigned.LinkSponsor, petition.ID, keys.Token(undersigned.LinkSponsor, creator.ID))
	w.facts.Needed = int64(body.Sponsors.Needed)
	if JobKind(job.Kind) == JobSponsorProgress {
		w.facts.Needed, _ = strconv.ParseInt(job.Detail, 10, 64)
	}
	if act, err := s.store.Act(ctx, job.Ref); err == nil && act.Petition == job.Petition {
		w.facts.Note = act.Note
		w.facts.Protected, w.facts.Unprotected = act.Reason == undersigned.ReasonProtected, act.Reason == undersigned.ReasonUnprotected
		w.facts.Reason = act.Reason
		if reason, ok := body.Reason(act.Reason); ok {
			w.facts.Reason = reason.Title
		}
	}
	return nil
}

func (s *Steward) writeToStaff(ctx context.Context, job store.Job, body undersigned.Body, w *written) error {
	staff, err := s.store.Staff(ctx, job.Ref)
	if err != nil {
		return nobodyWithout(err)
	}
	contact, err := s.vault.OpenStaff(s.site, colleague(staff), staff.ContactSealed)
	if err != nil {
		return err
	}
	w.to = contact.Address
	w.facts.Role, w.facts.Link = string(staff.Role), s.config.DeskURL+"/staff"
	switch JobKind(job.Kind) {
	case JobQuestions:
		w.facts.Number, err = strconv.ParseInt(job.Detail, 10, 64)
		return err
	case JobDisk:
		w.facts.Needed, err = strconv.ParseInt(job.Detail, 10, 64)
		return err
	case JobHealth:
		return writeHealth(job, w)
	case JobStaffWelcome:
		return nil
	case JobNews:
		w.facts.URL = s.config.DeskURL // what they choose stands there
		return s.writeNews(ctx, job, body, w)
	case JobMonday:
		w.facts.URL = s.config.DeskURL
		return s.writeMonday(ctx, body, w)
	}
	number, err := strconv.ParseInt(job.Detail, 10, 64)
	if err != nil {
		return fmt.Errorf("mail job %d: its release is damaged", job.Number)
	}
	if JobKind(job.Kind) == JobHearing {
		return s.writeHearing(ctx, job, number, body, w)
	}
	release, err := s.store.Release(ctx, number)
	if err != nil {
		return nobodyWithout(err)
	}
	content, err := s.vault.OpenRequest(s.site, release.ID, release.Sealed)
	if err != nil {
		return nobodyWithout(undersigned.ErrNotFound) // done meanwhile, and emptied
	}
	var request staffRequest
	if err := json.Unmarshal(content, &request); err != nil {
		return fmt.Errorf("read release %d: %w", number, err)
	}
	token, err := s.vault.ReleaseToken(release.ID, sha256.Sum256(content))
	if err != nil {
		return err
	}
	switch {
	case request.Disclosure != nil:
		if err := s.writeDisclosureRequest(ctx, *request.Disclosure, w); err != nil {
			return err
		}
	case request.Extension != nil:
		if err := s.writeExtensionRequest(ctx, *request.Extension, body, w); err != nil {
			return err
		}
	case request.Answer != nil:
		if err := s.writeAnswerRequest(ctx, *request.Answer, w); err != nil {
			return err
		}
	case request.Held != nil:
		w.facts.Number, w.facts.Deed, w.facts.Note = request.Held.Size, string(request.Held.Act), request.Held.Why
		w.facts.Title, w.facts.Page, w.facts.Reason = request.Held.title(ctx, s), s.page(request.Held.Petition), request.Held.Suspicion.String()
	default:
		w.facts.Name, w.facts.Note, w.facts.Role = request.Name, request.Address, string(request.Role)
	}
	w.facts.DeleteBy = dateInFull(release.MadeAt.Add(undersigned.ReleaseLife), body)
	w.facts.Link = s.link(undersigned.LinkRelease, number, token)
	return nil
}
