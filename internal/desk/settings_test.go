package desk_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/desk"
)

// typed is a section's form as it is shown, with some fields typed anew.
func (o office) typed(section desk.Section, fields ...string) (int64, desk.Typed) {
	o.T.Helper()
	form, err := o.Settings(ctx, section)
	o.Check(err)
	typed := desk.Typed{"rows": strconv.Itoa(form.Rows)}
	for _, f := range form.Fields {
		typed[f.Name] = f.Value
	}
	for i := 0; i < len(fields); i += 2 {
		if _, there := typed[fields[i]]; !there {
			o.T.Fatalf("the section %s has no field %s", section, fields[i])
		}
		typed[fields[i]] = fields[i+1]
	}
	return form.Version, typed
}

func (o office) saves(section desk.Section, fields ...string) error {
	o.T.Helper()
	version, typed := o.typed(section, fields...)
	return o.SaveSettings(ctx, administrator, section, version, typed)
}

func (o office) body() undersigned.Body {
	o.T.Helper()
	body, err := o.DB.Desk().FirstBody(ctx)
	o.Check(err)
	return body
}

func TestSettingsAreChecked(t *testing.T) {
	o := newOffice(t)
	long := strings.Repeat("a", 1000)
	tests := []struct {
		section      desk.Section
		field, value string
		want         error // nil: it is taken
	}{
		{desk.SectionWho, "name", "", desk.ErrMissing},
		{desk.SectionWho, "name", " Leeds  Council ", nil},
		{desk.SectionWho, "name", long, undersigned.ErrTextTooLong},
		{desk.SectionWho, "name", "=1+1", undersigned.ErrTextFormula},
		{desk.SectionWho, "email", "help", desk.ErrMail},
		{desk.SectionWho, "email", "Help <help@example.org>", desk.ErrMail},
		{desk.SectionWho, "zone", "Europe/Atlantis", desk.ErrUnknown},
		{desk.SectionWho, "zone", "Local", desk.ErrUnknown},
		{desk.SectionWho, "zone", "America/Toronto", nil},
		{desk.SectionLaw, "authority-url", "http://authority.example", desk.ErrURL},
		{desk.SectionLaw, "authority-url", "javascript:alert(1)", desk.ErrURL},
		{desk.SectionLaw, "authority-url", "https://authority.example/tell-us", nil},
		{desk.SectionLook, "colour", "blue", desk.ErrColour},
		{desk.SectionLook, "colour", "#12345g", desk.ErrColour},
		{desk.SectionLook, "colour", "#ffdd00", desk.ErrContrast},
		{desk.SectionLook, "colour", "#767676", nil}, // 4.54: the lightest grey that will do
		{desk.SectionLook, "colour", "#777777", desk.ErrContrast},
		{desk.SectionLook, "logo", strings.Repeat("ab", 32), desk.ErrUnknown},
		{desk.SectionWords, "banner", strings.Repeat("b", 301), undersigned.ErrTextTooLong},
		{desk.SectionSigning, "eligibility", strings.Repeat("e", 201), undersigned.ErrTextTooLong},
		{desk.SectionStarting, "durations", "30, soon", desk.ErrLine},
		{desk.SectionStarting, "durations", "6", desk.ErrLine},
		{desk.SectionStarting, "durations", "", desk.ErrMissing},
		{desk.SectionStarting, "durations", "180 30,90", nil},
		{desk.SectionStarting, "needed", "21", desk.ErrNumber},
		{desk.SectionStarting, "needed", "", desk.ErrMissing},
		{desk.SectionStarting, "most", "4", desk.ErrOrder}, // five are needed
		{desk.SectionStarting, "details", "50", desk.ErrNumber},
		{desk.SectionStarting, "hearing", "yes", desk.ErrMissing}, // it does not say why
		{desk.SectionStarting, "hearing-why", long, undersigned.ErrTextTooLong},
		{desk.SectionStarting, "hearing-why", "We call to set the day.", nil},
		{desk.SectionStarting, "hearing", "yes", nil},
		{desk.SectionStarting, "hearing-why", "", desk.ErrMissing},
		{desk.SectionThresholds, "step-2-number", "500", desk.ErrOrder},
		{desk.SectionThresholds, "step-1-words", "", desk.ErrMissing},
		{desk.SectionThresholds, "step-1-number", "", desk.ErrMissing},
		{desk.SectionThresholds, "step-1-number", "-5", desk.ErrNumber},
		{desk.SectionThresholds, "step-1-then", "dance", desk.ErrUnknown},
		{desk.SectionThresholds, "step-2-then", "answer", desk.ErrTwice},
		{desk.SectionReasons, "reason-1-title", "", desk.ErrMissing},
		{desk.SectionTopics, "topics", "Roads\nroads", desk.ErrTwice},
		{desk.SectionTopics, "topics", strings.Repeat("t", 41), undersigned.ErrTextTooLong},
		{desk.SectionTopics, "departments", " Roads \n\nLibraries", nil},
		{desk.SectionDays, "holidays", "Christmas", desk.ErrLine},
		{desk.SectionDays, "holidays", "2026-12-25 Christmas\n2026-12-25 Again", desk.ErrTwice},
		{desk.SectionDays, "election-1-from", "in May", desk.ErrDate},
		{desk.SectionDays, "election-1-words", "We hold back.", desk.ErrMissing}, // without days
		{desk.SectionFloor, "forms-hour", "many", desk.ErrNumber},
		{desk.SectionFloor, "forms-hour", "-1", desk.ErrNumber},
		{desk.SectionFloor, "forms-day", "5", desk.ErrOrder}, // 20 an hour by default
		{desk.SectionFloor, "domain-cap", "", desk.ErrMissing},
		{desk.SectionFloor, "shared-domains", "*.uni.example", desk.ErrLine},
		{desk.SectionFloor, "shared-domains", "uni.example\n10.0.0.0/8", desk.ErrLine},
		{desk.SectionFloor, "shared-domains", "192.0.2.7", desk.ErrLine},
		{desk.SectionFloor, "shared-domains", "university", desk.ErrLine},
		{desk.SectionFloor, "shared-domains", "ana@uni.example", desk.ErrLine},
		{desk.SectionFloor, "shared-domains", "uni.example\nUNI.example", desk.ErrTwice},
		{desk.SectionFloor, "shared-domains", " UNI.example \n\nclub.example", nil},
		{desk.SectionFloor, "throw-away", "dance", desk.ErrUnknown},
		{desk.SectionFloor, "throw-away", "", desk.ErrMissing},
		{desk.SectionPromise, "quota", "3", desk.ErrNumber},
		{desk.SectionPromise, "quota", "0", desk.ErrNumber},
		{desk.SectionPromise, "retention", "7", desk.ErrNumber},
		{desk.SectionPromise, "retention", "3", nil},
	}
	for _, test := range tests {
		before := o.body()
		err := o.saves(test.section, test.field, test.value)
		var wrong desk.Problems
		if test.want == nil {
			if err != nil {
				t.Errorf("%s %s %q: %v", test.section, test.field, test.value, err)
			}
			continue
		}
		if !errors.As(err, &wrong) || !errors.Is(wrong[0].Err, test.want) {
			t.Errorf("%s %s %q: %v %v, want %v", test.section, test.field, test.value, err, wrong, test.want)
		}
		if after := o.body(); after.Name != before.Name || after.Brand != before.Brand || after.MailQuota != before.MailQuota {
			t.Errorf("%s %s %q was refused and changed something", test.section, test.field, test.value)
		}
	}
}

func TestOnlyAdministratorsChangeSettings(t *testing.T) {
	o := newOffice(t)
	version, typed := o.typed(desk.SectionWords, "intro", "Hello.")
	for _, staff := range []undersigned.Staff{{}, moderator, {ID: 8, Role: undersigned.Administrator}} {
		if err := o.SaveSettings(ctx, staff, desk.SectionWords, version, typed); !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("%+v saves settings: %v", staff, err)
		}
		if _, _, err := o.TrySettings(ctx, staff, desk.SectionWords, typed); !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("%+v tries settings: %v", staff, err)
		}
		if _, err := o.KeepLogo(ctx, staff, picture(t, 1, 1)); !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("%+v changes the logo: %v", staff, err)
		}
		if err := o.OpenSite(ctx, staff, true); !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("%+v opens the site: %v", staff, err)
		}
	}
	if err := o.SaveSettings(ctx, administrator, desk.SectionPause, version, typed); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("a section without a page is saved: %v", err)
	}
}

func TestASettingsChangeIsKeptAndCanBeUndone(t *testing.T) {
	o := newOffice(t)
	o.Check(o.saves(desk.SectionWords, "intro", "First words.", "banner", "News."))
	o.Check(o.saves(desk.SectionThresholds, "step-1-number", "300"))
	o.Check(o.saves(desk.SectionWords, "intro", "Second words."))
	o.Check(o.saves(desk.SectionWords)) // the same again
	changes, more, err := o.SettingsHistory(ctx, 0)
	o.Check(err)
	if len(changes) != 4 || more {
		t.Fatalf("the history has %d changes, want the first and three", len(changes))
	}
	newest := changes[0]
	if len(newest.Differences) != 1 || newest.Differences[0].Old != "First words." || newest.Differences[0].New != "Second words." || newest.Staff != administrator.ID || !newest.At.Equal(o.Now()) {
		t.Errorf("the newest change is %+v", newest.Differences)
	}
	if first := changes[3]; first.CanUndo || len(first.Differences) != 0 {
		t.Errorf("the beginning can be undone")
	}
	// Undoing the first of three leaves what came after it in other sections.
	typed, err := o.ValuesBefore(ctx, desk.SectionWords, changes[2].No)
	o.Check(err)
	o.Check(o.SaveSettings(ctx, administrator, desk.SectionWords, newest.No, typed))
	body := o.body()
	if body.Intro != "" || body.Banner != "" || body.Thresholds[0].Number != 300 {
		t.Errorf("after the undo it is %q, %q, %d", body.Intro, body.Banner, body.Thresholds[0].Number)
	}
	if changes, _, _ := o.SettingsHistory(ctx, 0); len(changes) != 5 {
		t.Errorf("the undo is no change of its own: %d", len(changes))
	}
	for _, no := range []int64{0, changes[1].No, changes[3].No, 999} {
		if _, err := o.ValuesBefore(ctx, desk.SectionWords, no); !errors.Is(err, undersigned.ErrNotFound) {
			t.Errorf("values before version %d: %v", no, err)
		}
	}
}

// Every page of the settings can be put back, also what was added since.
func TestEverySectionCanBeUndone(t *testing.T) {
	changes := map[desk.Section][][]string{
		desk.SectionWho:        {{"short", "the town"}},
		desk.SectionLaw:        {{"officer", "officer@example.org", "authority-url", "https://authority.example"}},
		desk.SectionLook:       {{"colour", "#123456"}},
		desk.SectionWords:      {{"intro", "We listen.", "banner", "Closed on Friday."}},
		desk.SectionSigning:    {{"eligibility", "I live here", "households", "yes"}},
		desk.SectionStarting:   {{"durations", "30, 60", "needed", "3"}},
		desk.SectionThresholds: {{"debate", "meeting", "step-2-number", "", "step-2-words", ""}, {"step-2-number", "900000", "step-2-then", "debate", "step-2-words", "we talk"}},
		desk.SectionReasons:    {{"reason-1-words", "Other words."}},
		desk.SectionTopics:     {{"topics", "Roads\nSchools", "departments", "Highways"}},
		desk.SectionDays: {{"weekday-5", "", "holidays", "2026-12-25 Christmas"},
			{"election-1-from", "2027-03-22", "election-1-to", "2027-05-06", "election-1-words", "We hold back."},
			{"election-2-from", "2028-03-22", "election-2-to", "2028-05-06", "election-2-words", "We hold back again."}},
		desk.SectionFloor:   {{"forms-hour", "50", "shared-domains", "uni.example", "throw-away", "held"}},
		desk.SectionPromise: {{"quota", "1", "retention", "3"}},
	}
	for _, section := range desk.Sections {
		t.Run(string(section), func(t *testing.T) {
			o := newOffice(t)
			before := o.body()
			if len(changes[section]) == 0 {
				t.Fatal("nobody tries to undo it")
			}
			for _, fields := range changes[section] {
				o.Check(o.saves(section, fields...))
			}
			if len(desk.Differences(section, before, o.body())) == 0 {
				t.Fatal("nothing was changed")
			}
			all, _, err := o.SettingsHistory(ctx, 0)
			o.Check(err)
			first := all[len(changes[section])-1]
			if !first.CanUndo {
				t.Fatalf("it cannot be undone: %+v", first)
			}
			typed, err := o.ValuesBefore(ctx, section, first.No)
			o.Check(err)
			o.Check(o.SaveSettings(ctx, administrator, section, all[0].No, typed))
			if left := desk.Differences(section, before, o.body()); len(left) > 0 {
				t.Errorf("after the undo it differs: %+v", left)
			}
		})
	}
}

// A reason that was added is no longer given when that is undone, and keeps its words for
// petitions that were refused for it.
func TestAnAddedReasonIsUndone(t *testing.T) {
	o := newOffice(t)
	before := o.body().Reasons
	row := strconv.Itoa(len(before) + 1)
	o.Check(o.saves(desk.SectionReasons, "reason-"+row+"-title", "Dragons", "reason-"+row+"-words", "It is about dragons."))
	next := strconv.Itoa(len(before) + 2)
	o.Check(o.saves(desk.SectionReasons, "reason-"+next+"-title", "Elves", "reason-"+next+"-words", "It is about elves."))
	all, _, err := o.SettingsHistory(ctx, 0)
	o.Check(err)
	typed, err := o.ValuesBefore(ctx, desk.SectionReasons, all[1].No)
	o.Check(err)
	o.Check(o.SaveSettings(ctx, administrator, desk.SectionReasons, all[0].No, typed))
	after := o.body().Reasons
	want := append(slices.Clone(before), undersigned.Reason{Code: "own-1", Title: "Dragons", Words: "It is about dragons.", Ended: true},
		undersigned.Reason{Code: "own-2", Title: "Elves", Words: "It is about elves.", Ended: true})
	if !slices.Equal(after, want) {
		t.Errorf("after the undo the reasons are %+v", after[len(before):])
	}
	// Undoing the undo gives it again.
	all, _, err = o.SettingsHistory(ctx, 0)
	o.Check(err)
	typed, err = o.ValuesBefore(ctx, desk.SectionReasons, all[0].No)
	o.Check(err)
	o.Check(o.SaveSettings(ctx, administrator, desk.SectionReasons, all[0].No, typed))
	if after := o.body().Reasons; after[len(before)].Ended || after[len(before)+1].Ended {
		t.Errorf("after the undo of the undo they are %+v", after[len(before):])
	}
}

func TestNobodysSettingsAreLost(t *testing.T) {
	o := newOffice(t)
	version, words := o.typed(desk.SectionWords, "intro", "Mine.")
	_, theirs := o.typed(desk.SectionWords, "intro", "Theirs.")
	_, topics := o.typed(desk.SectionTopics, "topics", "Roads")
	o.Check(o.SaveSettings(ctx, administrator, desk.SectionWords, version, theirs))
	o.Check(o.Pause(ctx, moderator, desk.Notices{Signing: "Until noon."}))
	o.Check(o.SaveSettings(ctx, administrator, desk.SectionTopics, version, topics)) // another page
	if err := o.SaveSettings(ctx, administrator, desk.SectionWords, version, words); !errors.Is(err, undersigned.ErrChanged) {
		t.Errorf("an older form is saved over a newer one: %v", err)
	}
	newer, err := o.ChangesSince(ctx, desk.SectionWords, version)
	o.Check(err)
	if len(newer) != 1 || newer[0].Differences[0].New != "Theirs." {
		t.Errorf("what others changed meanwhile is %+v", newer)
	}
	if body := o.body(); body.Intro != "Theirs." || len(body.Topics) != 1 || body.Paused != "Until noon." {
		t.Errorf("something is lost: %q %v %q", body.Intro, body.Topics, body.Paused)
	}
	// Of many at once one wins, and the others hear of it.
	version, _ = o.typed(desk.SectionLook)
	var waiting sync.WaitGroup
	answers := make(chan error, 8)
	for i := range 8 {
		_, typed := o.typed(desk.SectionLook, "colour", "#00000"+strconv.Itoa(i))
		waiting.Go(func() { answers <- o.SaveSettings(ctx, administrator, desk.SectionLook, version, typed) })
	}
	waiting.Wait()
	won := 0
	for range 8 {
		if err := <-answers; err == nil {
			won++
		} else if !errors.Is(err, undersigned.ErrChanged) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d of 8 forms about one version were saved", won)
	}
}

// Whoever signed was told how many mails come at most and when the keys die.
func TestSettingsKeepWhatPetitionsPromised(t *testing.T) {
	o := newOffice(t)
	p := o.petition(undersigned.Open)
	retain := p.RetainTo
	o.Check(o.saves(desk.SectionPromise, "quota", "1", "retention", "2"))
	var wrong desk.Problems
	if err := o.saves(desk.SectionPromise, "quota", "2"); !errors.As(err, &wrong) || wrong[0].Err != desk.ErrRaised {
		t.Errorf("more mails than people were told of: %v", err)
	}
	if now := o.read(p.ID); !now.RetainTo.Equal(retain) || !now.RetentionAfter(now.ClosesAt).Equal(undersigned.RetentionFor(now.ClosesAt)) {
		t.Errorf("an open petition's date moved from %v to %v", retain, now.RetainTo)
	}
	closes, ends := desk.Schedule(undersigned.Petition{Days: 90}, o.body(), o.Now())
	if months := ends.Sub(closes).Hours() / 24; months < 57 || months > 63 {
		t.Errorf("a new petition's keys live %v days after it closes, want two months", months)
	}
	early := undersigned.Petition{ClosesAt: closes, RetainTo: ends}
	if got := early.RetentionAfter(o.Now()); got.Sub(o.Now()) > 63*24*time.Hour {
		t.Errorf("closed early, its keys live until %v", got)
	}
}

func TestReasonsStayForPetitionsThatWereRefused(t *testing.T) {
	o := newOffice(t)
	rows := len(o.body().Reasons) + 1
	last := strconv.Itoa(rows)
	o.Check(o.saves(desk.SectionReasons, "reason-"+last+"-title", "It is about dragons", "reason-"+last+"-words", "{body} has none.", "reason-1-ended", "yes"))
	body := o.body()
	added := body.Reasons[rows-1]
	if added.Code != "own-1" || added.Words != "Calderdale Council has none." {
		t.Errorf("the new reason is %+v", added)
	}
	ended := body.Reasons[0]
	if _, there := body.Reason(ended.Code); !there || !ended.Ended {
		t.Errorf("a reason that is no longer given is %+v", ended)
	}
	p := o.petition(undersigned.Queued)
	refusal := desk.Refusal{Reason: ended.Code, Explanation: "No.", ShowTitle: true}
	var wrong desk.Problems
	if _, err := o.Reject(ctx, moderator, desk.Target{Petition: p.ID, Revision: p.Revision}, refusal); !errors.As(err, &wrong) {
		t.Errorf("a petition is rejected for a reason that is no longer given: %v", err)
	}
	version, typed := o.typed(desk.SectionReasons)
	for i := range rows {
		typed["reason-"+strconv.Itoa(i+1)+"-ended"] = "yes"
	}
	if err := o.SaveSettings(ctx, administrator, desk.SectionReasons, version, typed); !errors.As(err, &wrong) {
		t.Errorf("no reason is left to give: %v", err)
	}
}

func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestLogosArePicturesAndNothingElse(t *testing.T) {
	o := newOffice(t)
	good := picture(t, 40, 40)
	for name, upload := range map[string][]byte{
		"a drawing that can hold a script": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"a GIF":                            []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"half a picture":                   good[:len(good)/2],
		"too many bytes":                   append(bytes.Clone(good), make([]byte, desk.MostLogoBytes)...),
		"too many points":                  picture(t, 1001, 10),
		"nothing":                          {0},
	} {
		var wrong desk.Problems
		if _, err := o.KeepLogo(ctx, administrator, upload); !errors.As(err, &wrong) {
			t.Errorf("%s becomes the logo: %v", name, err)
		}
	}
	hidden := append(bytes.Clone(good), "<script>taken in the Town Hall</script>"...)
	looked, err := o.KeepLogo(ctx, administrator, picture(t, 30, 30))
	o.Check(err)
	name, err := o.KeepLogo(ctx, administrator, hidden)
	o.Check(err)
	if o.body().Brand.Logo != "" {
		t.Error("looking at a picture makes it the logo")
	}
	o.Check(o.saves(desk.SectionLook, "logo", name))
	logo, err := o.Logo(ctx, name)
	o.Check(err)
	if logo.Type != "image/png" || bytes.Contains(logo.Bytes, []byte("Town Hall")) {
		t.Errorf("the logo kept what else its file held")
	}
	if _, err := o.KeepLogo(ctx, administrator, good); err != nil {
		t.Error(err)
	}
	if _, err := o.Logo(ctx, looked); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("a picture that was only looked at is kept: %v", err)
	}
	if _, err := o.Logo(ctx, name); err != nil {
		t.Errorf("the logo is gone: %v", err)
	}
}

func TestTheOneTimeAddress(t *testing.T) {
	o := newOffice(t)
	o.Body.Stage = undersigned.StagePreparing
	o.Check(o.DB.Desk().SaveBody(ctx, &o.Body))
	if _, err := o.BeginSetup(ctx); !errors.Is(err, undersigned.ErrNotFound) {
		t.Fatalf("without an administrator: %v", err)
	}
	if _, err := o.Steward.AddStaff(ctx, "Josh Patel", "josh@calderdale.example", undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	first, err := o.BeginSetup(ctx)
	o.Check(err)
	second, err := o.BeginSetup(ctx)
	o.Check(err)
	if stage := o.body().Stage; stage != undersigned.StageWaiting {
		t.Errorf("before it is used the site is %q", stage)
	}
	if err := o.CheckSetup(ctx, first); !errors.Is(err, desk.ErrOldLink) {
		t.Errorf("the first of two addresses works: %v", err)
	}
	if err := o.CheckSetup(ctx, desk.Session{}); !errors.Is(err, desk.ErrOldLink) {
		t.Errorf("a guess works: %v", err)
	}
	for range 3 {
		o.Check(o.CheckSetup(ctx, second)) // looking uses nothing
	}
	session, err := o.UseSetup(ctx, second)
	o.Check(err)
	if staff, err := o.Staff(ctx, session); err != nil || staff.Name != "Josh Patel" {
		t.Errorf("it signs in %+v: %v", staff, err)
	}
	if stage := o.body().Stage; stage != undersigned.StagePreparing {
		t.Errorf("after it was used the site is %q", stage)
	}
	if _, err := o.UseSetup(ctx, second); !errors.Is(err, desk.ErrOldLink) {
		t.Errorf("it works twice: %v", err)
	}
	late, err := o.BeginSetup(ctx)
	o.Check(err)
	o.Site.Clock.Move(desk.SetupLife)
	if _, err := o.UseSetup(ctx, late); !errors.Is(err, desk.ErrOldLink) {
		t.Errorf("after an hour it works: %v", err)
	}
}

func TestASiteOpensWhenNothingIsMissing(t *testing.T) {
	o := newOffice(t)
	o.Body.Stage = undersigned.StagePreparing
	o.Check(o.DB.Desk().SaveBody(ctx, &o.Body))
	if err := o.OpenSite(ctx, administrator, true); !errors.Is(err, desk.ErrGaps) {
		t.Fatalf("it opens without an authority: %v", err)
	}
	o.Check(o.saves(desk.SectionWho, "address", "Town Hall"))
	o.Check(o.saves(desk.SectionLaw, "counting", "a", "counting-special", "b", "answering", "c", "answering-special", "d", "recipients", "e", "age", "f", "authority", "g"))
	if err := o.OpenSite(ctx, administrator, false); !errors.Is(err, desk.ErrGaps) {
		t.Fatalf("it opens without a backup: %v", err)
	}
	o.Check(o.OpenSite(ctx, administrator, true))
	var wrong desk.Problems
	if err := o.saves(desk.SectionLaw, "authority", ""); !errors.As(err, &wrong) || wrong[0].Err != desk.ErrMissing {
		t.Errorf("an open site loses its authority: %v", err)
	}
	if _, err := o.Steward.AddStaff(ctx, "Josh Patel", "josh@calderdale.example", undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	if _, err := o.BeginSetup(ctx); !errors.Is(err, desk.ErrOpen) {
		t.Errorf("an open site is set up anew: %v", err)
	}
}
