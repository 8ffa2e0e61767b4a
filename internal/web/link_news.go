package web

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"undersigned"
	"undersigned/internal/store"
	"undersigned/internal/web/view"
)

// newsBox is what a creator's page says of news to signers; nil where there is nothing to say.
// Who agreed to it stays hidden in whole tens.
func (s *Server) newsBox(ctx context.Context, m *moment, petition store.Counted) (*view.NewsBox, error) {
	written, err := s.public.Bulletins(ctx, petition.ID)
	if err != nil || !m.body.News && len(written) == 0 {
		return nil, err
	}
	mailings, err := s.public.Mailings(ctx, petition.ID)
	if err != nil {
		return nil, err
	}
	people, err := s.public.NewsWanted(ctx, petition.ID)
	if err != nil {
		return nil, err
	}
	box := &view.NewsBox{Left: undersigned.NewsLeft(m.body, mailings), Quota: m.body.NewsQuota, People: int(undersigned.Tens(people)),
		MostTitle: undersigned.MostBulletinTitle, MostText: undersigned.MostBulletinText}
	waiting := 0
	for _, b := range written {
		shown := bulletinShown(b)
		if shown.State == view.BulletinWaits {
			waiting++
		}
		box.Written = append(box.Written, shown)
	}
	box.Takes = petition.TakesNews() && box.Left > waiting
	if !box.Takes && len(written) == 0 {
		return nil, nil
	}
	return box, nil
}

var bulletinStates = map[undersigned.BulletinState]view.BulletinState{
	undersigned.BulletinWaiting: view.BulletinWaits, undersigned.BulletinRefused: view.BulletinRefused, undersigned.BulletinMailed: view.BulletinMailed,
}

func bulletinShown(b undersigned.Bulletin) view.Bulletin {
	return view.Bulletin{Number: b.Number, At: b.At, Title: b.Title, Text: b.Text, State: bulletinStates[b.State], Why: b.Why}
}

// writeNews takes what a creator writes to the signers who agreed to news. Staff read it first.
func (s *Server) writeNews(w http.ResponseWriter, r *http.Request, m *moment, l mailLink, f form, petition store.Counted) error {
	content, err := s.creatorPage(r.Context(), m, l, petition)
	if err != nil {
		return err
	}
	if content.News == nil || !content.News.Takes {
		return s.render(w, m, http.StatusOK, content) // there was room when the page was made
	}
	letter := l.letter(undersigned.LetterNews)
	letter.Title, letter.Text = line(f.get("news-title")), paragraphs(f.get("news-text"))
	var found problems
	checkBulletin(letter, &found)
	if len(found) > 0 {
		content.News.Title, content.News.Text, content.Problems = f.get("news-title"), f.get("news-text"), found
		return s.render(w, m, http.StatusUnprocessableEntity, content)
	}
	return s.put(w, r, m, l, f, letter, pathOutcome+string(view.OutcomeNews))
}

// checkBulletin says what must be put right in news before it can be mailed.
func checkBulletin(letter undersigned.Submission, found *problems) {
	b := undersigned.Bulletin{Title: letter.Title, Text: letter.Text}
	if b.Title == "" {
		found.add("news-title", "problem.news-title.missing")
	}
	if b.Text == "" {
		found.add("news-text", "problem.news-text.missing")
	}
	for _, one := range []struct {
		field, text string
		most        int
	}{{"news-title", b.Title, undersigned.MostBulletinTitle}, {"news-text", b.Text, undersigned.MostBulletinText}} {
		switch err := undersigned.CheckText(one.text, one.most); {
		case err == nil, errors.Is(err, undersigned.ErrTextFormula): // it is in no spreadsheet
		case errors.Is(err, undersigned.ErrTextTooLong):
			found.add(one.field, view.Key("problem."+one.field+".long"), "Count", one.most)
		default:
			found.add(one.field, "problem.text")
		}
	}
	if len(*found) > 0 {
		return
	}
	if word, wrong := newsProblems[b.Check()]; wrong {
		found.add("news-text", word)
	} else if !fits(letter) { // rare scripts take four bytes a character
		found.add("news-text", "problem.news-text.long", "Count", undersigned.MostBulletinText/2-undersigned.MostBulletinTitle)
	}
}

var newsProblems = map[error]view.Key{
	undersigned.ErrMailHTML: "problem.news.html", undersigned.ErrMailLink: "problem.news.link",
	undersigned.ErrMailScheme: "problem.news.scheme", undersigned.ErrMailTracked: "problem.news.tracked",
}

// newsSeen leaves out the mailings of news that a signer was not mailed.
func (s *Server) newsSeen(ctx context.Context, mailings []undersigned.Mailing, signature int64) (seen []undersigned.Mailing, err error) {
	for _, m := range mailings {
		mailed := true
		if m.Kind.News() {
			if mailed, err = s.public.WasMailed(ctx, m.Number, signature); err != nil {
				return nil, err
			}
		}
		if mailed {
			seen = append(seen, m)
		}
	}
	return seen, nil
}

// newsPublished are the news of who started a petition, newest first: public from the moment
// their mailing is reserved.
func newsPublished(mailings []undersigned.Mailing) []view.Bulletin {
	var all []view.Bulletin
	for _, m := range slices.Backward(mailings) {
		if m.Kind.News() {
			title, text := undersigned.BulletinWords(m.Words)
			all = append(all, view.Bulletin{At: m.ReservedAt, Title: title, Text: text})
		}
	}
	return all
}
