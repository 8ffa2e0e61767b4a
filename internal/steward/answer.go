package steward

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/vault"
)

// An answerRequest is what a second person is asked about an answer that is to be mailed, or
// about news of the creator's. They are mailed the whole mail as signers will get it, with the
// names around the words, and Hash is of that.
type answerRequest struct {
	Order    int64  `json:"order"`
	Petition int64  `json:"petition"`
	Answer   int64  `json:"answer"`
	Hash     string `json:"hash"`
	People   int64  `json:"people"`
	Minutes  int64  `json:"minutes,omitempty"`
	Override string `json:"override,omitempty"`
	Bulletin int64  `json:"bulletin,omitempty"` // news; Answer is 0
}

// mailedWords are the words of an answer as they go to signers.
func mailedWords(a undersigned.Answer) string {
	return strings.TrimSpace(a.Summary + "\n\n" + a.Details)
}

// answerMailing is an answer, or news, as it would go to signers now.
//
// Errors: undersigned.ErrQuota.
func (s *Steward) answerMailing(tx *store.StewardTx, order store.AnswerOrder, words string) (m undersigned.Mailing, err error) {
	petition, err := tx.Petition(order.Petition)
	if err != nil {
		return m, err
	}
	body, err := s.store.Body(context.Background(), petition.BodyID)
	if err != nil {
		return m, err
	}
	m = undersigned.Mailing{PetitionID: order.Petition, Words: words, Override: order.Override}
	m.Kind, m.Quota = seriesOf(order, body)
	return m, s.compose(tx, &m)
}

// assentText is what the assent to an order is made of: what was agreed to, and when it
// begins.
func (r answerRequest) assentText(begins time.Time) []byte {
	text := fmt.Appendf(nil, "%d:%d:%d:%s:%d:%s", r.Order, r.Petition, r.Answer, r.Hash, undersigned.Micros(begins), r.Override)
	if r.Bulletin != 0 { // then there is no answer, which no other order has
		text = fmt.Appendf(text, "news %d", r.Bulletin)
	}
	return text
}

// followAnswers does what staff ordered about mailing answers. The desk writes orders;
// nothing leaves before a second person has pressed the button in their mail.
func (s *Steward) followAnswers(ctx context.Context) error {
	orders, err := s.store.AnswerOrdersToFollow(ctx)
	if err != nil || len(orders) == 0 {
		return err
	}
	s.deciding.Lock()
	defer s.deciding.Unlock()
	for _, order := range orders {
		if order.State == undersigned.MailOrderAgreed && order.Wish == "" && s.store.Now().Before(order.Begins) {
			continue
		}
		people, err := s.peopleToMail(ctx, order)
		if err != nil {
			return err
		}
		err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
			order, err := tx.AnswerOrder(order.Number)
			if err != nil {
				return err
			}
			order.People = people
			return s.followAnswer(ctx, tx, order)
		})
		if err == nil {
			err = s.useUpOrders(ctx, order.Petition)
		}
		if err != nil {
			return fmt.Errorf("order %d to mail an answer: %w", order.Number, err)
		}
	}
	wake(s.jobs)
	wake(s.mailing)
	return nil
}

// followAnswer brings one order as far as it can go now.
func (s *Steward) followAnswer(ctx context.Context, tx *store.StewardTx, order store.AnswerOrder) error {
	if order.Wish != "" {
		return followWish(tx, order)
	}
	if order.State != undersigned.MailOrderWaiting && order.State != undersigned.MailOrderAgreed {
		return nil
	}
	words, why, err := s.mayMailAnswer(ctx, tx, order)
	if err != nil {
		return err
	}
	if why != "" {
		return void(tx, order, why)
	}
	if order.State == undersigned.MailOrderAgreed {
		return s.beginAnswer(tx, order, words)
	}
	return s.askAboutAnswer(ctx, tx, order, words)
}

func void(tx *store.StewardTx, order store.AnswerOrder, why undersigned.VoidWhy) error {
	order.State, order.Why = undersigned.MailOrderVoid, why
	return tx.SaveAnswerOrder(order)
}

// followWish stops an order before it begins; of a mailing that is under way, it stops,
// holds or resumes.
func followWish(tx *store.StewardTx, order store.AnswerOrder) error {
	wish := order.Wish
	order.Wish = ""
	if order.State == undersigned.MailOrderMailed {
		if err := tx.SaveAnswerOrder(order); err != nil || wish == undersigned.WishStop {
			return errors.Join(err, tx.StopMailing(order.Mailing))
		}
		return tx.PauseMailing(order.Mailing, wish == undersigned.WishPause)
	}
	if wish == undersigned.WishStop && !order.State.Over() {
		order.State = undersigned.MailOrderStopped
	}
	return tx.SaveAnswerOrder(order)
}

// wordsToMail are the words of the answer, or of the news, that an order or a request is about.
//
// Errors: undersigned.ErrNotFound where there are none any more, or they may not be mailed.
func (s *Steward) wordsToMail(ctx context.Context, petition, answer, bulletin int64) (string, error) {
	if bulletin != 0 {
		return s.bulletinWords(ctx, petition, bulletin)
	}
	found, err := s.store.Answer(ctx, petition, answer)
	if err != nil {
		return "", err
	}
	if words := mailedWords(found); found.Kind == undersigned.AnswerResponse && undersigned.CheckMailText(words) == nil {
		return words, nil
	}
	return "", undersigned.ErrNotFound
}

// seriesOf is which kind of mailing an order leads to, and how many of those a petition has.
func seriesOf(order store.AnswerOrder, body undersigned.Body) (undersigned.MailingKind, int) {
	switch {
	case order.Bulletin == 0:
		return undersigned.MailingAnswer, body.MailQuota
	case !body.News:
		return undersigned.MailingNews, 0
	}
	return undersigned.MailingNews, min(body.NewsQuota, undersigned.MostNewsQuota)
}

// mayMailAnswer reads the words and says why they may not be mailed now, if they may not.
func (s *Steward) mayMailAnswer(ctx context.Context, tx *store.StewardTx, order store.AnswerOrder) (answer string, why undersigned.VoidWhy, err error) {
	petition, err := tx.Petition(order.Petition)
	if err != nil {
		return answer, "", err
	}
	if order.Bulletin != 0 && !petition.TakesNews() {
		return answer, undersigned.VoidGone, nil
	}
	if !petition.Petition.Public() || petition.KeysMadeAt.IsZero() || !petition.KeysGoneAt.IsZero() {
		return answer, undersigned.VoidGone, nil
	}
	body, err := s.store.Body(ctx, petition.BodyID)
	if err != nil {
		return answer, "", err
	}
	answer, err = s.wordsToMail(ctx, order.Petition, order.Answer, order.Bulletin)
	if errors.Is(err, undersigned.ErrNotFound) {
		return answer, undersigned.VoidChanged, nil
	}
	if err != nil {
		return answer, "", err
	}
	if _, held := body.Election(tx.Now()); held && (order.Override == "" || order.Bulletin != 0) {
		return answer, undersigned.VoidElection, nil
	}
	// News is published and mailed also where nobody agreed to it: otherwise whoever sees that
	// it was not knows it of each of few signers.
	if order.People == 0 && order.Bulletin == 0 {
		return answer, undersigned.VoidNobody, nil
	}
	had, err := s.mailingsHad(tx, order.Petition)
	if err != nil {
		return answer, "", err
	}
	kind, quota := seriesOf(order, body)
	if _, err := undersigned.NextUnit(kind, quota, had); err != nil {
		return answer, undersigned.VoidQuota, nil
	}
	return answer, "", nil
}

// askAboutAnswer mails a second person the full text and a link that is bound to it. Of news
// the creator is the first, and whoever of staff wants it sent the second.
func (s *Steward) askAboutAnswer(ctx context.Context, tx *store.StewardTx, order store.AnswerOrder, words string) error {
	approver, err := s.secondPerson(ctx, order)
	if errors.Is(err, undersigned.ErrNotFound) {
		return void(tx, order, undersigned.VoidAlone)
	}
	if err != nil {
		return err
	}
	if order.Minutes, err = s.minutesFor(ctx, order.People); err != nil {
		return err
	}
	m, err := s.answerMailing(tx, order, words)
	if err != nil {
		return err
	}
	release, err := s.newRelease(order.Staff, approver.ID, staffRequest{Answer: &answerRequest{
		Order: order.Number, Petition: order.Petition, Answer: order.Answer, Bulletin: order.Bulletin, Hash: m.Text.Hash(), People: order.People, Minutes: order.Minutes, Override: order.Override,
	}})
	if err != nil {
		return err
	}
	if err := tx.AddRelease(&release); err != nil {
		return err
	}
	order.State, order.Release = undersigned.MailOrderSecond, release.Number
	if err := tx.SaveAnswerOrder(order); err != nil {
		return err
	}
	kind := JobReleaseAnswer
	if order.Bulletin != 0 {
		kind = JobReleaseNews
	}
	return addJob(tx, kind, approver.ID, order.Petition, fmt.Sprint(release.Number))
}

// minutesFor is how long a mailing takes, by the relay's limits or by an earlier one; 0:
// nobody knows.
func (s *Steward) minutesFor(ctx context.Context, people int64) (int64, error) {
	aMinute, err := s.store.MailedAMinute(ctx)
	if err != nil {
		return 0, err
	}
	if limit := int64(s.config.PerMinute); limit > 0 && (aMinute == 0 || limit < aMinute) {
		aMinute = limit
	}
	if limit := int64(s.config.PerDay); limit > 0 && people > limit {
		return people * 24 * 60 / limit, nil
	}
	if aMinute == 0 {
		return 0, nil
	}
	return (people + aMinute - 1) / aMinute, nil
}

// writeAnswerRequest gives the mail to a second person the whole text, if it is still the
// one whose hash they agree to.
func (s *Steward) writeAnswerRequest(ctx context.Context, r answerRequest, w *written) error {
	words, err := s.wordsToMail(ctx, r.Petition, r.Answer, r.Bulletin)
	if err != nil {
		return nobodyWithout(err)
	}
	petition, err := s.store.Petition(ctx, r.Petition)
	if err != nil {
		return nobodyWithout(err)
	}
	var m undersigned.Mailing
	err = s.store.InTx(ctx, func(tx *store.StewardTx) error {
		m, err = s.answerMailing(tx, store.AnswerOrder{Petition: r.Petition, Bulletin: r.Bulletin, Override: r.Override}, words)
		return err
	})
	if err != nil && !errors.Is(err, undersigned.ErrQuota) {
		return err
	}
	if err != nil || m.Text.Hash() != r.Hash {
		return nobodyWithout(undersigned.ErrNotFound)
	}
	if r.Bulletin != 0 {
		r.People = undersigned.Tens(r.People)
	}
	w.facts.Title, w.facts.Page, w.facts.Number, w.facts.Minutes, w.facts.Reason = petition.Title, s.page(r.Petition), r.People, r.Minutes, r.Override
	w.facts.Name, w.facts.ReplyTo, w.facts.Subject = s.config.From, m.Text.ReplyTo, m.Text.Subject
	w.facts.Note = strings.TrimSpace(m.Text.Read(petition.Title, s.config.URL+"/l/…"))
	return nil
}

// agreedToMail lets an order begin that a second person agreed to, in a while: until then
// one press stops it. They agreed to the text they were mailed and to no other.
func (s *Steward) agreedToMail(ctx context.Context, tx *store.StewardTx, r answerRequest) error {
	order, err := tx.AnswerOrder(r.Order)
	if errors.Is(err, undersigned.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if order.State != undersigned.MailOrderSecond || order.Petition != r.Petition || order.Answer != r.Answer || order.Bulletin != r.Bulletin || order.Override != r.Override {
		s.log.Error("an order to mail an answer is not the one that was agreed to; nothing is sent", "order", order.Number)
		return nil
	}
	words, err := s.wordsToMail(ctx, r.Petition, r.Answer, r.Bulletin)
	if err != nil && !errors.Is(err, undersigned.ErrNotFound) {
		return err
	}
	if err != nil {
		return void(tx, order, undersigned.VoidChanged)
	}
	m, err := s.answerMailing(tx, order, words)
	if errors.Is(err, undersigned.ErrQuota) {
		return void(tx, order, undersigned.VoidQuota)
	}
	if err != nil {
		return err
	}
	if m.Text.Hash() != r.Hash {
		return void(tx, order, undersigned.VoidChanged)
	}
	order.State, order.Begins = undersigned.MailOrderAgreed, tx.Now().Add(undersigned.StopTime)
	if order.Assent, err = s.vault.Assent(vault.AssentAnswer, r.assentText(order.Begins)); err != nil {
		return err
	}
	return tx.SaveAnswerOrder(order)
}

// beginAnswer reserves the mailing of an order whose time has come: to the very mail that
// was agreed to, which the assent says and no row.
func (s *Steward) beginAnswer(tx *store.StewardTx, order store.AnswerOrder, words string) error {
	m, err := s.answerMailing(tx, order, words)
	if err != nil {
		return err
	}
	agreed := answerRequest{Order: order.Number, Petition: order.Petition, Answer: order.Answer, Bulletin: order.Bulletin, Hash: m.Text.Hash(), Override: order.Override}
	want, err := s.vault.Assent(vault.AssentAnswer, agreed.assentText(order.Begins))
	if err != nil {
		return err
	}
	terms, err := s.vault.Terms(order.Petition)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(want, order.Assent) != 1 || terms.WasUsed(want) {
		s.log.Error("nobody agreed to an order to mail an answer as it stands; nothing is sent", "order", order.Number)
		return void(tx, order, undersigned.VoidChanged)
	}
	if tx.Now().Before(order.Begins) {
		return nil
	}
	if m, err = s.reserve(tx, m); err != nil {
		return err
	}
	act := undersigned.ActMailed
	if order.Bulletin != 0 {
		act = undersigned.ActNewsMailed
		if err := tx.BulletinMailed(order.Bulletin); err != nil {
			return err
		}
	}
	order.State, order.Mailing = undersigned.MailOrderMailed, m.Number
	if err := tx.SaveAnswerOrder(order); err != nil {
		return err
	}
	return tx.AddAct(store.Act{Petition: order.Petition, Act: act, Note: order.Override, At: tx.Now().UnixMicro()})
}
