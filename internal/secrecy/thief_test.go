package secrecy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"testing"

	"undersigned"
	"undersigned/internal/desk"
	"undersigned/internal/seal"
	"undersigned/internal/testkit"
)

// A thief has a dump of the database, everything that is public, and a list of addresses
// among which all signers are. He knows our source. He wants to open a part, or to tell
// which addresses signed.
type thief struct {
	site    [16]byte
	values  map[[16]byte]bool // every 16 bytes he might compare with: all values and their insides
	keys    [][]byte          // every byte string he might use as a key
	sealed  []sealedPart
	cards   []sealedCard
	heard   []heardCard
	tags    [][]byte // address tags in the order of signatures
	letters int
}

type sealedPart struct {
	format  seal.Format
	context seal.Context
	bytes   []byte
}

type heardCard struct {
	place seal.HeardPlace
	bytes []byte
}

type sealedCard struct {
	id    undersigned.ID
	bytes []byte
}

// steal reads every value of every table, and adds what else is at hand.
func steal(t *testing.T, dir string, also ...[]byte) *thief {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "undersigned.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	th := &thief{values: map[[16]byte]bool{}}
	for _, table := range column(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table'`) {
		rows, err := db.Query(`SELECT * FROM ` + string(table))
		if err != nil {
			t.Fatal(err)
		}
		names, _ := rows.Columns()
		for rows.Next() {
			values := make([]any, len(names))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, value := range values {
				switch value := (*value.(*any)).(type) {
				case []byte:
					th.take(value)
				case string:
					th.take([]byte(value))
				case int64:
					th.keys = append(th.keys, binary.BigEndian.AppendUint64(nil, uint64(value)), []byte(fmt.Sprint(value)))
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	for _, b := range also {
		th.take(b)
	}
	copy(th.site[:], column(t, db, `SELECT site_id FROM site`)[0])
	th.parts(t, db)
	sort.Slice(th.keys, func(i, j int) bool { return bytes.Compare(th.keys[i], th.keys[j]) < 0 })
	th.keys = slices.CompactFunc(th.keys, bytes.Equal)
	return th
}

// take keeps a value: whole and by its ends as a key, and every 16 bytes inside to
// compare with.
func (th *thief) take(b []byte) {
	if len(b) == 0 {
		return
	}
	th.keys = append(th.keys, b)
	for _, n := range []int{16, 32} {
		if len(b) > n {
			th.keys = append(th.keys, b[:n], b[len(b)-n:])
		}
	}
	for i := 0; i+16 <= len(b); i++ {
		th.values[[16]byte(b[i:])] = true
	}
}

// parts gathers what is sealed, with the context that each is bound to.
func (th *thief) parts(t *testing.T, db *sql.DB) {
	add := func(query string, format seal.Format, purpose seal.Purpose) {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var petition int64
			var kind byte
			var id, version, sealed []byte
			if err := rows.Scan(&petition, &kind, &id, &version, &sealed); err != nil {
				t.Fatal(err)
			}
			c := seal.Context{Site: th.site, Kind: kind, Petition: petition, ID: undersigned.ID(id), Purpose: purpose}
			copy(c.Version[:], version)
			th.sealed = append(th.sealed, sealedPart{format, c, sealed})
		}
	}
	const texts = ` s JOIN petition_texts t ON t.petition_id = s.petition_id AND t.no = s.text_no`
	add(`SELECT petition_id, kind, id, x'', sealed FROM letters`, seal.FormatLetter, seal.PurposeLetter)
	th.letters = len(th.sealed)
	add(`SELECT s.petition_id, 0, s.id, t.version, s.audit_sealed FROM signatures`+texts, seal.FormatAudit, seal.PurposeAudit)
	add(`SELECT s.petition_id, 0, s.id, t.version, s.reply_sealed FROM signatures`+texts+` WHERE s.reply_sealed IS NOT NULL`, seal.FormatReply, seal.PurposeReply)
	add(`SELECT s.petition_id, 0, s.id, t.version, n.sealed FROM news_parts n JOIN signatures s ON s.no = n.signature_no JOIN petition_texts t ON t.petition_id = s.petition_id AND t.no = s.text_no`, seal.FormatNews, seal.PurposeNews)
	add(`SELECT petition_id, 0, id, x'', contact_sealed FROM creators`, seal.FormatReply, seal.PurposeCreator)
	add(`SELECT id, CASE role WHEN 'moderator' THEN 1 ELSE 2 END, row_id, x'', contact_sealed FROM staff`, seal.FormatStaff, seal.PurposeStaff)
	add(`SELECT petition_id, 0, hearing_id, x'', hearing_sealed FROM creators WHERE hearing_sealed IS NOT NULL`, seal.FormatHearing, seal.PurposeHearing)
	rows, err := db.Query(`SELECT 4, petition_id, hearing_id, hearing_card FROM creators WHERE hearing_card IS NOT NULL
		UNION ALL SELECT 7, staff_id, id, card FROM hearing_openings WHERE card IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		card := heardCard{place: seal.HeardPlace{Site: th.site}}
		var id []byte
		if err := rows.Scan(&card.place.Kind, &card.place.For, &id, &card.bytes); err != nil {
			t.Fatal(err)
		}
		card.place.ID = undersigned.ID(id)
		th.heard = append(th.heard, card)
	}
	ids, cards := column(t, db, `SELECT id FROM links WHERE state = 0`), column(t, db, `SELECT card FROM links WHERE state = 0`)
	for i := range ids {
		th.cards = append(th.cards, sealedCard{undersigned.ID(ids[i]), cards[i]})
	}
	th.tags = column(t, db, `SELECT t.address_tag FROM address_tags t ORDER BY t.signature_no`)
}

func column(t *testing.T, db *sql.DB, query string) (all [][]byte) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// opens tries every key on every sealed thing: as it is, hashed, and as our own code
// would derive keys from it.
func (th *thief) opens() (opened int) {
	for _, material := range th.keys {
		for _, key := range keysFrom(material) {
			aead, err := seal.NewAEAD(key)
			if err != nil {
				continue
			}
			for _, part := range th.sealed {
				if _, err := seal.Open(aead, part.format, part.context, part.bytes); err == nil {
					opened++
				}
			}
		}
		if len(material) == undersigned.TokenSize {
			for _, card := range th.heard {
				if _, err := seal.OpenHeard(card.place, undersigned.Token(material), card.bytes); err == nil {
					opened++
				}
			}
			for _, card := range th.cards {
				if _, err := seal.OpenCard(th.site, undersigned.LinkConfirm, card.id, undersigned.Token(material), card.bytes); err == nil {
					opened++
				}
			}
		}
	}
	return opened
}

func keysFrom(material []byte) [][]byte {
	sum := sha256.Sum256(material)
	keys := [][]byte{sum[:]}
	if len(material) == 32 {
		keys = append(keys, material)
		for _, use := range []string{"undersigned derive v1\x00contact", "undersigned derive v1\x00release", "undersigned derive v1\x00hearing", "undersigned derive v1\x00news", "undersigned card v1"} {
			mac := hmac.New(sha256.New, material)
			mac.Write([]byte(use))
			keys = append(keys, mac.Sum(nil))
		}
	}
	return keys
}

var hashes = []func() hash.Hash{sha256.New, sha1.New, md5.New, sha512.New, sha512.New512_256, func() hash.Hash { return sha3.New256() }}

// hit reports whether a digest, or a cut of it, stands anywhere in the dump.
func (th *thief) hit(sum []byte) bool {
	for _, b := range [][]byte{sum, []byte(hex.EncodeToString(sum))} {
		if th.values[[16]byte(b)] || th.values[[16]byte(b[len(b)-16:])] {
			return true
		}
	}
	return false
}

// signed guesses whether an address signed, by anything computed from it without a key:
// plain and doubled digests, with the site, the petitions and our own labels before it.
func (th *thief) signed(address string) bool {
	prefixes := []string{"", "address\x00", "stop\x00", "limit\x00", "staff\x00", string(th.site[:]), string(th.site[:]) + "address\x00"}
	for petition := range 3 {
		prefixes = append(prefixes, fmt.Sprint(petition), string(binary.BigEndian.AppendUint64(nil, uint64(petition))))
	}
	for _, text := range []string{address, strings.ToUpper(address), address + "\n", "mailto:" + address} {
		for _, prefix := range prefixes {
			for _, new := range hashes {
				h := new()
				h.Write([]byte(prefix + text))
				sum := h.Sum(nil)
				if th.hit(sum) {
					return true
				}
				h = new()
				h.Write(sum)
				if th.hit(h.Sum(nil)) {
					return true
				}
			}
		}
	}
	return false
}

// signedByKey guesses with every byte string in the dump as the key of a MAC.
func (th *thief) signedByKey(address string) bool {
	for _, key := range th.keys {
		for _, label := range []string{"address\x00", "stop\x00", ""} {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(label + address))
			if th.hit(mac.Sum(nil)) {
				return true
			}
		}
	}
	return false
}

// quick is what signed tries first: digests of the address as it is.
func (th *thief) quick(address string) bool {
	for _, text := range []string{address, string(th.site[:]) + address, "address\x00" + address} {
		for _, new := range hashes[:3] {
			h := new()
			h.Write([]byte(text))
			if th.hit(h.Sum(nil)) {
				return true
			}
		}
	}
	return false
}

// guesses counts on how many addresses of a list the thief would bet: on all with his
// quickest ways, on the first deep of them with every way he knows.
func (th *thief) guesses(list []string, deep int) int {
	var hits atomic.Int64
	inShares(len(list), func(i int) {
		if th.quick(list[i]) || i < deep && th.signed(list[i]) {
			hits.Add(1)
		}
	})
	return int(hits.Load())
}

// mostSigners is how many of the list sign.
const mostSigners = 300

// A crowd signs, and many more do not.
func crowd(t *testing.T, s *testkit.Site, list int) (signers, others []string) {
	p := s.OpenPetition("Keep the library open")
	everybody := people(list, draws(t))
	apart := max(list/mostSigners, 2)
	for i, one := range everybody {
		if i%apart == 0 && len(signers) < mostSigners {
			signers = append(signers, one.address)
			form := testkit.SignForm(p, one.name, one.address, one.reply)
			form.Postcode = one.postcode
			s.Post(form)
		} else {
			others = append(others, one.address)
		}
	}
	s.Work()
	for i, address := range signers {
		if i%10 < 8 { // the rest stay letters and links
			s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(address, undersigned.LinkConfirm), p.Version))
		}
	}
	if _, err := s.Steward.AddStaff(context.Background(), "Jo Reed", staffMail, undersigned.Administrator); err != nil {
		t.Fatal(err)
	}
	s.Work()
	called(t, s, everybody[1])
	return signers, others
}

// called starts a petition whose creator gave something for a hearing, which a colleague
// may see.
func called(t *testing.T, s *testkit.Site, who person) {
	ctx := context.Background()
	s.Body.AskHearing, s.Body.HearingWhy = true, "We call to set the day of a hearing."
	s.Check(s.DB.Desk().SaveBody(ctx, &s.Body))
	version := undersigned.VersionOf("Plant more trees", "They are few.", "")
	s.Post(undersigned.Submission{Kind: undersigned.LetterStart, Name: who.name, Address: who.address, Reply: undersigned.ReplyNo, Title: "Plant more trees",
		Background: "They are few.", Days: 90, Version: version, Hearing: who.hearing})
	s.Work()
	s.Post(testkit.Press(undersigned.LetterConfirm, s.Link(who.address, undersigned.LinkConfirm), version))
	s.Work()
	now, err := s.DB.Public().Petition(ctx, s.Link(who.address, undersigned.LinkCreator).Number)
	s.Check(err)
	jo := undersigned.Staff{ID: 1, Role: undersigned.Administrator, Active: true}
	s.Check(desk.New(s.DB.Desk()).AskOpening(ctx, jo, desk.Target{Petition: now.ID, Revision: now.Revision}, "To set the day."))
	s.Work()
	s.Link(staffMail, undersigned.LinkHearing)
}

// mustLearnNothing is the whole attack.
func (th *thief) mustLearnNothing(t *testing.T, signers, others []string) {
	t.Helper()
	t.Logf("%d values, %d keys, %d sealed parts (%d letters), %d cards", len(th.values), len(th.keys), len(th.sealed), th.letters, len(th.cards))
	if len(th.heard) != 2 {
		t.Fatalf("%d cards show how to reach somebody", len(th.heard))
	}
	if th.letters < 20 || len(th.cards) < 20 || len(th.sealed) < 200 || len(th.keys) < 1000 {
		t.Fatal("there is too little to steal")
	}
	if n := th.opens(); n != 0 {
		t.Errorf("%d sealed things opened", n)
	}
	right, wrong := th.guesses(signers, len(signers)), th.guesses(others, *deep)
	t.Logf("without keys: %d of %d signers and %d of %d others", right, len(signers), wrong, len(others))
	if right+wrong != 0 {
		t.Errorf("%d signers and %d others were guessed without a key", right, wrong)
	}
	for i := range 20 {
		if th.signedByKey(signers[i]) || th.signedByKey(others[i]) {
			t.Errorf("an address was guessed with a key from the dump")
		}
	}
	// Nor does any order tell: tags stand in no order of addresses, whichever is asked.
	if n, r := th.order(signers); math.Abs(r) > 4/math.Sqrt(float64(n)) {
		t.Errorf("the tags of %d signers go with the order of their addresses: %.2f", n, r)
	}
}

func TestG29AThiefOfTheDatabaseLearnsNothing(t *testing.T) {
	s := testkit.New(t)
	signers, others := crowd(t, s, *listed)
	// Public are also the site key, the address of the site, and its pages.
	th := steal(t, s.Dir, s.Pins[0], []byte(testkit.URL), []byte(s.Body.Name))
	th.mustLearnNothing(t, signers, others)
}

// G30: the thief also has whatever the public part has: the files that its user may
// read, its environment and command line while it runs, and what it prints.
func TestG30AThiefWithTheFilesOfThePublicPartLearnsNothing(t *testing.T) {
	binary := program(t)
	dir := filepath.Join(t.TempDir(), "site")
	if out, err := exec.Command(binary, "init", "--data", dir, "--url", testkit.URL, "--smtp", "smtp://127.0.0.1:1", "--body", "The council", "--name", "Petitions").CombinedOutput(); err != nil {
		t.Fatalf("undersigned init: %v\n%s", err, out)
	}
	s := testkit.At(t, dir)
	signers, others := crowd(t, s, *deep)
	loot := publicPart(t, binary, dir)
	for _, must := range []string{"site.toml", "environ", "cmdline", "UNDERSIGNED_DATA=" + dir, "site_keys"} {
		if !bytes.Contains(bytes.Join(loot, []byte{'\n'}), []byte(must)) {
			t.Fatalf("the thief did not get %s", must)
		}
	}
	th := steal(t, dir, loot...)
	th.mustLearnNothing(t, signers, others)
}

// publicPart starts the public part and takes everything of it: each file whole, each of
// its lines and words, and each word as what it may stand for.
func publicPart(t *testing.T, binary, dir string) (loot [][]byte) {
	t.Helper()
	serve := exec.Command(binary, "serve", "--part", "public", "--addr", "127.0.0.1:0")
	serve.Env = append(os.Environ(), "UNDERSIGNED_DATA="+dir)
	said, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { serve.Process.Kill(); serve.Wait() }()
	for lines := bufio.NewScanner(said); ; {
		if !lines.Scan() {
			t.Fatal("the public part does not listen")
		}
		loot = append(loot, bytes.Clone(lines.Bytes()))
		if strings.Contains(lines.Text(), "http://") {
			break
		}
	}
	take := func(name string, content []byte) {
		loot = append(loot, []byte(name), content)
		for _, word := range bytes.FieldsFunc(content, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"'[],=`, r) }) {
			loot = append(loot, word)
			for _, decode := range []func(string) ([]byte, error){base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString, hex.DecodeString} {
				if b, err := decode(string(word)); err == nil {
					loot = append(loot, b)
				}
			}
		}
		for line := range bytes.Lines(content) {
			loot = append(loot, bytes.TrimSpace(line))
		}
	}
	for _, name := range []string{"environ", "cmdline"} {
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", serve.Process.Pid, name))
		if err != nil {
			t.Fatal(err)
		}
		take(name, bytes.ReplaceAll(content, []byte{0}, []byte{'\n'}))
	}
	err = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && strings.HasPrefix(name, "keys") {
			return filepath.SkipDir // the steward's own
		}
		if entry.IsDir() || strings.HasPrefix(name, "undersigned.db") {
			return nil // the database is stolen by its values
		}
		content, err := os.ReadFile(path)
		if err == nil {
			take(name, content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return loot
}

// order is the rank correlation between confirmed signers' addresses and their tags.
func (th *thief) order(signers []string) (int, float64) {
	var confirmed []string
	for i, address := range signers {
		if i%10 < 8 {
			confirmed = append(confirmed, address)
		}
	}
	n := min(len(confirmed), len(th.tags))
	byAddress, byTag := ranks(n, func(a, b int) bool { return confirmed[a] < confirmed[b] }), ranks(n, func(a, b int) bool { return bytes.Compare(th.tags[a], th.tags[b]) < 0 })
	var d2 float64
	for i := range n {
		d := float64(byAddress[i] - byTag[i])
		d2 += d * d
	}
	return n, 1 - 6*d2/(float64(n)*(float64(n)*float64(n)-1))
}

func ranks(n int, less func(a, b int) bool) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return less(order[i], order[j]) })
	rank := make([]int, n)
	for place, i := range order {
		rank[i] = place
	}
	return rank
}

// The same thief with the key store finds everybody: the attack works, only the keys are
// missing.
func TestG29TheSameThiefWithTheKeysFindsEverybody(t *testing.T) {
	s := testkit.New(t)
	signers, others := crowd(t, s, *deep)
	th := steal(t, s.Dir)
	site, err := s.DB.Site(context.Background())
	s.Check(err)
	keys, err := s.Vault.Petition(site.ID, 1)
	s.Check(err)
	tagged := func(address string) bool {
		tag := keys.AddressTag(address)
		return th.values[tag]
	}
	right, wrong := 0, 0
	for i := range signers {
		if tagged(signers[i]) {
			right++
		}
		if tagged(others[i]) {
			wrong++
		}
	}
	if right != len(signers)*8/10 || wrong != 0 {
		t.Fatalf("%d signers and %d others were found with the keys", right, wrong)
	}
	// And a key among what he stole opens what it sealed.
	key := bytes.Repeat([]byte{7}, 32)
	aead, err := seal.NewAEAD(key)
	s.Check(err)
	c := seal.Context{Site: th.site, ID: undersigned.ID{1}, Purpose: seal.PurposeStaff}
	sealed, err := seal.Seal(aead, seal.FormatStaff, make([]byte, 4), c, []byte("somebody"))
	s.Check(err)
	th.sealed = append(th.sealed, sealedPart{seal.FormatStaff, c, sealed})
	th.take(key)
	if n := th.opens(); n != 1 {
		t.Fatalf("%d parts opened with one key", n)
	}
	// He would find a site that hashed addresses without a key, or with one it stored.
	sum := sha256.Sum256([]byte(others[0]))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("address\x00" + others[1]))
	th.take(sum[:16])
	th.take(mac.Sum(nil)[:16])
	if !th.signed(others[0]) || th.signed(others[1]) || !th.signedByKey(others[1]) || th.signedByKey(others[2]) {
		t.Fatal("the attack does not find what is there")
	}
}
