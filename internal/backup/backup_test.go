package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"undersigned"
	"undersigned/internal/backup"
	"undersigned/internal/check"
	"undersigned/internal/seal"
	"undersigned/internal/store"
	"undersigned/internal/testkit"
	"undersigned/internal/vault"
)

// A house is a test site with folders for its backups and the controller's identity.
type house struct {
	*testkit.Site
	identity, recipient string
	data, keys, second  string
}

func newHouse(t testing.TB) *house {
	h := &house{Site: testkit.New(t), data: t.TempDir(), keys: t.TempDir(), second: t.TempDir()}
	var err error
	h.identity, h.recipient, err = vault.NewController()
	h.Check(err)
	list := backup.Erasures(h.Dir)
	h.Erased = func(all []store.Erasure) error { return list.Add(h.Clock.Now(), all) }
	h.Close()
	h.Open()
	h.Check(backup.Note(context.Background(), h.DB, h.Dir))
	return h
}

func (h *house) opener() *vault.Opener {
	h.T.Helper()
	opener, err := vault.NewOpener(strings.NewReader(h.identity))
	h.Check(err)
	return opener
}

func (h *house) config() backup.Config {
	return backup.Config{DB: h.DB, Dir: h.Dir, Recipients: []string{h.recipient}, Keep: backup.Life, Version: "test"}
}

func (h *house) keysConfig() backup.KeysConfig {
	return backup.KeysConfig{DB: h.DB, Vault: h.Vault, Dir: h.Dir, Settings: []byte("url = \"https://petitions.example.org\"\n[keys]\nfolder = \"/elsewhere\"\n"),
		Recipients: []string{h.recipient}, Version: "test"}
}

// backUp makes both kinds of backup; the clock moves, so that each has its own time.
func (h *house) backUp() {
	h.T.Helper()
	h.Clock.Move(time.Second)
	_, err := backup.Make(context.Background(), h.config(), h.data)
	h.Check(err)
	h.backUpKeys()
}

func (h *house) backUpKeys() {
	h.T.Helper()
	_, err := backup.MakeKeys(context.Background(), h.keysConfig(), []string{h.keys, h.second})
	h.Check(err)
}

// restore builds the site in a new folder and opens it there, in quarantine.
func (h *house) restore() backup.Restored {
	h.T.Helper()
	dir := filepath.Join(h.T.TempDir(), "site")
	r, err := backup.Restore(context.Background(), backup.RestoreConfig{Data: h.data, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	h.Check(err)
	h.Close()
	h.Dir = dir
	return r
}

func (h *house) mustAgree() {
	h.T.Helper()
	faults, _, err := check.Check(context.Background(), check.Config{DB: h.DB, Vault: h.Vault, Pins: h.Pins})
	h.Check(err)
	for _, fault := range faults {
		h.T.Error(fault)
	}
}

// loseNewest takes away the newest backup of the database, and leaves its list of erasures.
func (h *house) loseNewest() {
	h.T.Helper()
	for _, ending := range []string{".db.age", ".json"} {
		files := filesIn(h.T, h.data, ending)
		h.Check(os.Remove(filepath.Join(h.data, files[len(files)-1])))
	}
}

// What was acknowledged before the backup is there afterwards, whether it was dealt with
// or not; who left afterwards is not.
func TestASiteComesBackWithoutThoseWhoLeftSince(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	h.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	h.Sign(p, "Ben Okoro", "ben@example.org", undersigned.ReplyYes)
	h.Sign(p, "Cem Aydin", "cem@example.org", undersigned.ReplyNo)
	h.Sign(p, "Dia Roy", "dia@example.org", undersigned.ReplyYes)
	h.Post(testkit.SignForm(p, "Eve Lund", "eve@example.org", undersigned.ReplyYes))
	h.Work() // Eve has her mail
	h.Post(testkit.SignForm(p, "Flo Berg", "flo@example.org", undersigned.ReplyYes))
	h.backUp() // Flo's letter waits

	h.Post(testkit.Press(undersigned.LetterWithdraw, h.Link("ben@example.org", undersigned.LinkOwn), p.Version))
	h.Post(testkit.Press(undersigned.LetterWithdraw, h.Link("cem@example.org", undersigned.LinkOwn), p.Version))
	h.Post(testkit.Press(undersigned.LetterStopMail, h.Link("dia@example.org", undersigned.LinkOwn), p.Version))
	notMe := testkit.Press(undersigned.LetterNotMe, h.Link("eve@example.org", undersigned.LinkConfirm), p.Version)
	notMe.Block = true
	h.Post(notMe)
	h.Work()
	// The machine dies after the next run, of which only the list of those who left is left.
	h.backUp()
	h.loseNewest()

	r := h.restore()
	if r.Erased != 5 { // two signers, a form, a block, a wish for no mail
		t.Errorf("%d rows were erased again", r.Erased)
	}
	h.Open()
	h.mustAgree()
	h.Work()
	h.mustAgree()
	if n := h.Number(p.ID); n != 2 {
		t.Errorf("%d are signed after the restore", n)
	}
	h.Post(testkit.Press(undersigned.LetterConfirm, h.Link("flo@example.org", undersigned.LinkConfirm), p.Version))
	h.Work()
	if n := h.Number(p.ID); n != 3 {
		t.Errorf("%d are signed after somebody's letter came back", n)
	}
	mails := len(h.Mail.Messages())
	h.Post(testkit.SignForm(p, "Eve Lund", "eve@example.org", undersigned.ReplyYes))
	h.Work()
	if now := len(h.Mail.Messages()); now != mails {
		t.Error("an address that was blocked after the backup got a mail")
	}
	ctx := context.Background()
	wanted := map[undersigned.ID]bool{}
	list, err := backup.Erasures(h.Dir).Read()
	h.Check(err)
	for _, one := range list {
		if one.Kind == store.ErasedReply {
			wanted[undersigned.ID(one.ID)] = true
		}
	}
	found, err := h.DB.Steward().FindByID(ctx, wanted)
	h.Check(err)
	if len(found) != 1 {
		t.Fatalf("%d signers wanted no answer, and one did", len(found))
	}
	dia, err := h.DB.Steward().Signature(ctx, found[0].Number)
	h.Check(err)
	if dia.ReplySealed != nil {
		t.Error("who wanted no mail is mailed again")
	}
}

// A form that waited in the letterbox while the backup was made was declined afterwards, and
// a start was taken back: neither comes back out of the letter.
func TestLettersThatWaitedInTheBackupDoNotComeBack(t *testing.T) {
	h := newHouse(t)
	h.Body.Sponsors.Needed = 5
	h.Check(h.DB.Desk().SaveBody(context.Background(), &h.Body))
	p := h.OpenPetition("Keep the library open")
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	h.Post(testkit.SignForm(p, "Gus Holm", "gus@example.org", undersigned.ReplyYes))
	h.Post(undersigned.Submission{
		Kind: undersigned.LetterStart, Name: "Charlie Green", Address: "charlie@example.org", Reply: undersigned.ReplyYes,
		Title: "Plant more trees", Background: "They are few.", Days: 90, Version: version,
	})
	h.backUp()
	h.Work()
	h.Post(testkit.Press(undersigned.LetterNotMe, h.Link("gus@example.org", undersigned.LinkConfirm), p.Version))
	h.Post(testkit.Press(undersigned.LetterConfirm, h.Link("charlie@example.org", undersigned.LinkConfirm), version))
	h.Work()
	h.Post(testkit.Press(undersigned.LetterRetract, h.Link("charlie@example.org", undersigned.LinkCreator), undersigned.TextVersion{}))
	h.Work()
	h.backUp()

	oldest := filepath.Join(h.data, filesIn(t, h.data, ".db.age")[0])
	dir := filepath.Join(t.TempDir(), "site")
	_, err := backup.Restore(context.Background(), backup.RestoreConfig{Data: oldest, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	h.Check(err)
	h.Close()
	h.Dir = dir
	h.Open()
	mails := len(h.Mail.Messages())
	h.Work()
	if now := len(h.Mail.Messages()); now != mails {
		t.Errorf("%d mails went to who had left", now-mails)
	}
	h.mustAgree()
}

// The list that came with a backup is part of it: without it nobody knows who had left.
func TestABackupWithoutItsListIsNotRestored(t *testing.T) {
	h := newHouse(t)
	h.backUp()
	h.Check(os.Remove(filepath.Join(h.data, filesIn(t, h.data, ".erasures.age")[0])))
	dir := filepath.Join(t.TempDir(), "site")
	_, err := backup.Restore(context.Background(), backup.RestoreConfig{Data: h.data, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	if !errors.Is(err, backup.ErrDamaged) {
		t.Errorf("restoring gives %v", err)
	}
}

// G39, S59: of those who left, nothing comes back with the oldest backup, not in any row
// and not in any byte of the restored site.
func TestNothingOfWhoLeftComesBackWithTheOldestBackup(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	const people = 24
	address := func(i int) string { return fmt.Sprintf("signer%d@example.org", i) }
	for i := range people {
		h.Sign(p, "Ana Torres", address(i), undersigned.ReplyYes)
	}
	ctx := context.Background()
	var traces [][]byte
	for i := range people / 2 {
		row, err := h.DB.Steward().Signature(ctx, h.Link(address(i), undersigned.LinkOwn).Number)
		h.Check(err)
		traces = append(traces, row.AuditSealed, row.ReplySealed, row.OwnHash[:])
	}
	h.backUp()
	for i := range people / 2 {
		h.Post(testkit.Press(undersigned.LetterWithdraw, h.Link(address(i), undersigned.LinkOwn), p.Version))
		if i%4 == 0 {
			h.Work()
			h.backUp() // more of them in each
		}
	}
	h.Work()
	h.backUp()
	oldest := filepath.Join(h.data, filesIn(t, h.data, ".db.age")[0])
	dir := filepath.Join(t.TempDir(), "site")
	r, err := backup.Restore(ctx, backup.RestoreConfig{Data: oldest, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	h.Check(err)
	if r.Erased != people/2 {
		t.Errorf("%d of %d were erased again", r.Erased, people/2)
	}
	h.Check(filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for i, trace := range traces {
			if bytes.Contains(content, trace) {
				t.Errorf("%s holds part %d of somebody who left", entry.Name(), i)
			}
		}
		return err
	}))
	h.Close()
	h.Dir = dir
	h.Open()
	h.Work()
	h.mustAgree()
	if n := h.Number(p.ID); n != people/2 {
		t.Errorf("%d are signed after the restore, and %d stayed", n, people/2)
	}
}

func filesIn(t testing.TB, folder, end string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), end) {
			names = append(names, entry.Name())
		}
	}
	return names
}

// G39, H15: destroyed keys are in no key backup once the next was made, and an older
// database and an older key backup do not bring them back.
func TestDestroyedKeysDoNotComeBack(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	h.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	other := h.OpenPetition("Plant trees")
	h.Sign(other, "Ben Okoro", "ben@example.org", undersigned.ReplyYes)
	// Close to its end, so that the backup is not too old when the keys die.
	h.Clock.Move(p.RetainTo.Sub(h.Clock.Now()) - 24*time.Hour)
	ctx := context.Background()
	h.Check(h.Steward.Chores(ctx))
	h.backUp()
	kept := t.TempDir()
	for _, name := range append(filesIn(t, h.keys, ".tar.age"), filesIn(t, h.keys, ".json")...) {
		content, err := os.ReadFile(filepath.Join(h.keys, name))
		h.Check(err)
		h.Check(os.WriteFile(filepath.Join(kept, name), content, 0o600))
	}
	name := fmt.Sprintf("keys/petitions/%08d.json", p.ID)
	if !h.keyBackupHolds(h.keys, name) || !h.keyBackupHolds(h.second, name) {
		t.Fatal("the key backup does not hold the petition's keys")
	}
	h.Clock.Move(48 * time.Hour)
	h.Check(h.Steward.Chores(ctx))
	if h.Vault.HasPetitionKeys(p.ID) {
		t.Fatal("the petition was not retired")
	}
	differ, err := backup.VerifyKeys(ctx, h.keysConfig(), h.opener(), []string{h.keys})
	h.Check(err)
	if !slices.ContainsFunc(differ, func(d backup.Difference) bool { return d.Name == fmt.Sprintf("petitions/%08d", p.ID) }) {
		t.Errorf("the key backup holds destroyed keys, and reading it back does not say so: %v", differ)
	}
	h.backUp()
	for _, folder := range []string{h.keys, h.second} {
		if h.keyBackupHolds(folder, name) {
			t.Errorf("a key backup made after the keys were destroyed holds them")
		}
		if names := filesIn(t, folder, ".tar.age"); len(names) != 1 {
			t.Errorf("earlier key backups are left: %v", names)
		}
	}
	// Somebody kept the old key backup, and restores with it what was made before the end.
	data := filesIn(t, h.data, ".db.age")
	dir := filepath.Join(t.TempDir(), "site")
	_, err = backup.Restore(ctx, backup.RestoreConfig{Data: filepath.Join(h.data, data[0]), Keys: kept, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	h.Check(err)
	h.Close()
	h.Dir = dir
	if _, err := os.Stat(filepath.Join(dir, "keys", "petitions", fmt.Sprintf("%08d.age", p.ID))); !errors.Is(err, os.ErrNotExist) {
		t.Error("the destroyed keys are in the restored key store")
	}
	h.Open()
	h.mustAgree()
	if n := h.Number(p.ID); n != 1 {
		t.Errorf("the number of the retired petition is %d", n)
	}
}

// keyBackupHolds opens the key backups of a folder as the plain age and tar tools would.
func (h *house) keyBackupHolds(folder, name string) bool {
	h.T.Helper()
	for _, file := range filesIn(h.T.(*testing.T), folder, ".tar.age") {
		sealed, err := os.Open(filepath.Join(folder, file))
		h.Check(err)
		defer sealed.Close()
		r, err := h.opener().Open(sealed)
		h.Check(err)
		var content bytes.Buffer
		_, err = content.ReadFrom(r)
		h.Check(err)
		if bytes.Contains(content.Bytes(), []byte(name)) {
			return true
		}
	}
	return false
}

// The controller's identity is not the steward's: what lies in the backup's folder opens
// with nothing that is on the site's machine, and holds nothing that can be read.
func TestBackupsOpenWithTheControllersIdentityAlone(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	h.Sign(p, "Ana Torres", "ana@example.org", undersigned.ReplyYes)
	h.backUp()
	identity, err := os.ReadFile(filepath.Join(h.Dir, "keys", "identity.txt"))
	h.Check(err)
	stewards, err := vault.NewOpener(bytes.NewReader(identity))
	h.Check(err)
	token := h.Link("ana@example.org", undersigned.LinkOwn).Token
	for _, folder := range []string{h.data, h.keys} {
		entries, err := os.ReadDir(folder)
		h.Check(err)
		for _, entry := range entries {
			content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			h.Check(err)
			for _, secret := range []string{"Keep the library", "Ana Torres", "example", string(token[:]), fmt.Sprintf("%x", seal.HashToken(token)), "SQLite format"} {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s holds %q in clear", entry.Name(), secret)
				}
			}
			if _, err := stewards.Open(bytes.NewReader(content)); err == nil {
				t.Errorf("%s opens with the steward's identity", entry.Name())
			}
		}
	}
	for _, name := range filesIn(t, h.Dir, ".db") {
		if name != store.FileName {
			t.Errorf("%s was left in the site's folder", name)
		}
	}
	db, err := os.ReadFile(filepath.Join(h.Dir, store.FileName))
	h.Check(err)
	var sealed bytes.Buffer
	for _, name := range filesIn(t, h.data, ".db.age") {
		file, err := os.Open(filepath.Join(h.data, name))
		h.Check(err)
		defer file.Close()
		r, err := h.opener().Open(file)
		h.Check(err)
		_, err = sealed.ReadFrom(r)
		h.Check(err)
	}
	if sealed.Len() < len(db)/2 || !bytes.HasPrefix(sealed.Bytes(), []byte("SQLite format 3\x00")) {
		t.Errorf("the backup holds %d bytes that are no database", sealed.Len())
	}
}

// The site remembers that a key backup was made, and only a look with the controller's
// identity says that it can be read.
func TestAKeyBackupIsReadBack(t *testing.T) {
	h := newHouse(t)
	h.OpenPetition("Keep the library open")
	ctx := context.Background()
	h.backUpKeys()
	status, err := backup.ReadStatus(h.Dir)
	h.Check(err)
	if status.Keys == nil || status.KeysReadBack != nil {
		t.Fatalf("after a key backup the site says %+v", status)
	}
	// The desk reads of it, as another user of the database's group.
	h.Check(os.Chmod(filepath.Join(h.Dir, store.FileName), 0o660))
	h.backUpKeys()
	if note, err := os.Stat(filepath.Join(h.Dir, backup.StatusFile)); err != nil || note.Mode().Perm() != 0o660 {
		t.Errorf("who may read the database may not read when backups were made: %v", err)
	}
	differ, err := backup.VerifyKeys(ctx, h.keysConfig(), h.opener(), []string{h.keys, h.second})
	h.Check(err)
	if status, err = backup.ReadStatus(h.Dir); err != nil || len(differ) > 0 || status.KeysReadBack == nil {
		t.Fatalf("reading the key backup back: %v %v %+v", differ, err, status)
	}
	h.OpenPetition("Plant trees")
	h.Work() // its date stands beside its keys
	if differ, err = backup.VerifyKeys(ctx, h.keysConfig(), h.opener(), []string{h.keys, h.second}); err != nil || len(differ) != 4 {
		t.Errorf("keys that are in neither backup: %v %v", differ, err)
	}
	if _, err := backup.MakeKeys(ctx, h.keysConfig(), []string{filepath.Join(h.Dir, "not-mounted"), h.second}); err == nil {
		t.Error("a folder that is not there took a key backup")
	}
	if differ, err = backup.VerifyKeys(ctx, h.keysConfig(), h.opener(), []string{h.second}); err != nil || len(differ) != 0 {
		t.Errorf("the second folder did not get its backup because the first failed: %v %v", differ, err)
	}
}

// Old backups go, and nothing else does.
func TestOnlyOwnOldBackupsAreRemoved(t *testing.T) {
	h := newHouse(t)
	strange := []string{"notes.txt", "undersigned-data-0000000000000000-20200101T000000Z.db.age", "undersigned-data.json", "undersigned-data-now.part"}
	for _, name := range strange {
		h.Check(os.WriteFile(filepath.Join(h.data, name), []byte("mine"), 0o600))
	}
	h.backUp()
	h.Clock.Move(20 * 24 * time.Hour)
	h.backUp()
	h.Clock.Move(16 * 24 * time.Hour)
	h.backUp()
	if names := filesIn(t, h.data, ".db.age"); len(names) != 3 { // two of ours, and the other site's
		t.Errorf("there are %v", names)
	}
	for _, name := range strange {
		if _, err := os.Stat(filepath.Join(h.data, name)); err != nil {
			t.Errorf("%s went with the old backups", name)
		}
	}
}

func TestWhatCannotBeRestored(t *testing.T) {
	h := newHouse(t)
	h.OpenPetition("Keep the library open")
	h.backUpKeys()
	h.OpenPetition("Plant trees") // its keys are in no key backup
	h.Clock.Move(time.Second)
	_, err := backup.Make(context.Background(), h.config(), h.data)
	h.Check(err)
	restore := func(change func(*backup.RestoreConfig)) error {
		config := backup.RestoreConfig{Data: h.data, Keys: h.keys, Opener: h.opener(), Dir: filepath.Join(t.TempDir(), "site"), Now: h.Clock.Now}
		change(&config)
		_, err := backup.Restore(context.Background(), config)
		return err
	}
	wantErr := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantErr("a key backup that lacks keys", restore(func(*backup.RestoreConfig) {}), backup.ErrKeysMissing)
	wantErr("with leave to go on", restore(func(c *backup.RestoreConfig) { c.WithoutKeys = true }), nil)
	h.backUpKeys()
	wantErr("a folder that is in use", restore(func(c *backup.RestoreConfig) { c.Dir = h.Dir }), backup.ErrInUse)
	wantErr("a folder without backups", restore(func(c *backup.RestoreConfig) { c.Data = t.TempDir() }), backup.ErrNoBackup)
	wantErr("a backup older than what is known of erasures", restore(func(c *backup.RestoreConfig) {
		c.Now = func() time.Time { return h.Clock.Now().Add(backup.Life + 48*time.Hour) }
	}), backup.ErrOld)
	stranger, _, err := vault.NewController()
	h.Check(err)
	err = restore(func(c *backup.RestoreConfig) {
		c.Opener, err = vault.NewOpener(strings.NewReader(stranger))
		h.Check(err)
	})
	if err == nil {
		t.Error("a stranger's identity opens the backup")
	}
	name := filepath.Join(h.data, filesIn(t, h.data, ".db.age")[0])
	content, err := os.ReadFile(name)
	h.Check(err)
	content[len(content)/2] ^= 1
	h.Check(os.WriteFile(name, content, 0o600))
	if err := restore(func(*backup.RestoreConfig) {}); err == nil {
		t.Error("a changed backup was restored")
	}
}

// The copy of a backup that was killed goes, and not one that is being made.
func TestACopyThatABackupLeftBehindGoes(t *testing.T) {
	h := newHouse(t)
	left := filepath.Join(h.Dir, ".backup-20260101T000000Z.db")
	h.Check(os.WriteFile(left, []byte("rows"), 0o600))
	running, err := os.OpenFile(filepath.Join(h.Dir, ".backup.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	h.Check(err)
	h.Check(syscall.Flock(int(running.Fd()), syscall.LOCK_EX))
	h.Check(backup.Sweep(h.Dir))
	if _, err := os.Stat(left); err != nil {
		t.Errorf("a copy went while its backup ran: %v", err)
	}
	h.Check(running.Close())
	h.Check(backup.Sweep(h.Dir))
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a copy stays: %v", err)
	}
}

// Somebody confirmed and stopped all mails, both after the backup. Their link must not bring
// a signer back who is mailed.
func TestWhoWantedNoMailIsNotConfirmedAgainByAnOldLink(t *testing.T) {
	h := newHouse(t)
	p := h.OpenPetition("Keep the library open")
	h.Post(testkit.SignForm(p, "Dia Roy", "dia@example.org", undersigned.ReplyYes))
	h.Work()
	h.backUp()
	link := h.Link("dia@example.org", undersigned.LinkConfirm)
	h.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version))
	h.Work()
	h.Post(testkit.Press(undersigned.LetterStopMail, h.Link("dia@example.org", undersigned.LinkOwn), p.Version))
	h.Work()
	h.backUp()
	oldest := filepath.Join(h.data, filesIn(t, h.data, ".db.age")[0])
	dir := filepath.Join(t.TempDir(), "site")
	_, err := backup.Restore(context.Background(), backup.RestoreConfig{Data: oldest, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now})
	h.Check(err)
	h.Close()
	h.Dir = dir
	h.Open()
	h.Post(testkit.Press(undersigned.LetterConfirm, link, p.Version))
	h.Work()
	if n := h.Number(p.ID); n != 0 {
		t.Errorf("%d are signed, and would be mailed", n)
	}
	h.mustAgree()
}

// A petition that gathered sponsors in the backup and was taken back afterwards is gone with
// everything about it.
func TestADraftThatWasTakenBackDoesNotComeBack(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.Body.Sponsors.Needed = 5
	h.Check(h.DB.Desk().SaveBody(ctx, &h.Body))
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	h.Post(undersigned.Submission{
		Kind: undersigned.LetterStart, Name: "Charlie Green", Address: "charlie@example.org", Reply: undersigned.ReplyYes,
		Title: "Plant more trees", Background: "They are few.", Days: 90, Version: version,
	})
	h.Work()
	h.Post(testkit.Press(undersigned.LetterConfirm, h.Link("charlie@example.org", undersigned.LinkConfirm), version))
	h.Work()
	h.backUp()
	link := h.Link("charlie@example.org", undersigned.LinkCreator)
	h.Post(testkit.Press(undersigned.LetterRetract, link, undersigned.TextVersion{}))
	h.Work()
	h.backUp()
	oldest := filepath.Join(h.data, filesIn(t, h.data, ".db.age")[0])
	dir := filepath.Join(t.TempDir(), "site")
	_, err := backup.Restore(ctx, backup.RestoreConfig{Data: oldest, Keys: h.keys, Opener: h.opener(), Dir: dir, Now: h.Clock.Now, WithoutKeys: true})
	h.Check(err)
	h.Close()
	h.Dir = dir
	h.Open()
	h.mustAgree()
	h.Work()
	h.mustAgree()
	if _, err := h.DB.Public().Petition(ctx, link.Number); !errors.Is(err, undersigned.ErrNotFound) {
		t.Errorf("the draft is there again: %v", err)
	}
}

// Ways in end with the day they were made on: a one-time address that was used after the
// backup signs nobody in at the restored site.
func TestAOneTimeAddressIsInNoBackup(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	hash := [32]byte{1}
	h.Check(h.DB.Desk().InTx(ctx, func(tx *store.DeskTx) error { return tx.AddSetup(hash, 1, tx.Now().Add(time.Hour)) }))
	works := func() bool {
		works, err := h.DB.Desk().Setup(ctx, hash, h.Clock.Now())
		h.Check(err)
		return works
	}
	if !works() {
		t.Fatal("it does not work at all")
	}
	h.backUp()
	h.restore()
	h.Open()
	if works() {
		t.Error("it works at the restored site")
	}
}
