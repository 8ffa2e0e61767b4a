package ledger_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"undersigned/internal/ledger"
)

// A shelf keeps tiles as the store does.
type shelf map[[2]int64][]byte

func (s shelf) put(tiles []ledger.Tile) {
	for _, tile := range tiles {
		s[[2]int64{int64(tile.Level), tile.Number}] = tile.Bytes()
	}
}

func (s shelf) read(level int, tile int64) ([]ledger.Hash, error) {
	return ledger.ParseHashes(s[[2]int64{int64(level), tile}])
}

func entryOf(i int64) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	return sum[:]
}

// The vectors of RFC 6962's tree that Certificate Transparency's own tests use.
func TestRootsAreThoseOfRFC6962(t *testing.T) {
	var entries [][]byte
	for _, text := range []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"} {
		entry, _ := hex.DecodeString(text)
		entries = append(entries, entry)
	}
	roots := []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	e, err := ledger.NewEdge(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range roots {
		if n > 0 {
			e.Append(ledger.LeafHash(entries[n-1]))
		}
		if root := e.Root(); hex.EncodeToString(root[:]) != want {
			t.Errorf("%d entries: root %x, want %s", n, root, want)
		}
	}
}

// An edge that is stored and read again after batches of any size has the roots and tiles
// that golang.org/x/mod's own tree has.
func TestAnEdgeGrowsLikeTheTreeOfTlog(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	var hashes []tlog.Hash // as tlog stores them
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		all := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			all[i] = hashes[index]
		}
		return all, nil
	})
	kept, size := shelf{}, int64(0)
	for size < 66_500 { // past the first tile of level 2
		e, err := ledger.NewEdge(size, kept.read)
		if err != nil {
			t.Fatal(err)
		}
		n := source.Int64N(300) + 1
		if size > 3000 && size < 65_000 {
			n += 9000
		}
		for range n {
			e.Append(ledger.LeafHash(entryOf(size)))
			more, err := tlog.StoredHashes(size, entryOf(size), reader)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, more...)
			size++
		}
		want, err := tlog.TreeHash(size, reader)
		if err != nil {
			t.Fatal(err)
		}
		if e.Root() != want || e.Size() != size {
			t.Fatalf("%d entries: the roots differ", size)
		}
		kept.put(e.Changed())
		if again := e.Changed(); len(again) != 0 {
			t.Fatalf("%d tiles have changed by nothing", len(again))
		}
	}
	for key, b := range kept {
		tile := tlog.Tile{H: ledger.TileHeight, L: int(key[0]), N: key[1], W: len(b) / ledger.HashSize}
		want, err := tlog.ReadTileData(tile, reader)
		if err != nil || string(want) != string(b) {
			t.Errorf("tile %v is not tlog's (%v)", key, err)
		}
	}
	if len(kept) < 260+2 {
		t.Errorf("%d tiles were kept", len(kept))
	}
}

func TestADamagedEdgeIsRefused(t *testing.T) {
	for _, n := range []int{0, 1, 43, 45} {
		if _, err := ledger.NewEdge(300, func(level int, tile int64) ([]ledger.Hash, error) {
			if level == 1 {
				return make([]ledger.Hash, 1), nil
			}
			return make([]ledger.Hash, n), nil
		}); err == nil {
			t.Errorf("%d hashes were taken for the 44 of the last tile", n)
		}
	}
}

func TestTilePathsAreThoseOfTheFormat(t *testing.T) {
	for path, want := range map[string]ledger.TileRef{
		"0/000":                {Level: 0, Number: 0, Width: 256},
		"1/x001/234":           {Level: 1, Number: 1234, Width: 256},
		"0/x001/x234/067.p/12": {Level: 0, Number: 1234067, Width: 12},
		"entries/x001/000.p/1": {Level: ledger.EntriesLevel, Number: 1000, Width: 1},
		"entries/255":          {Level: ledger.EntriesLevel, Number: 255, Width: 256},
	} {
		ref, err := ledger.ParseTilePath(path)
		if err != nil || ref != want {
			t.Errorf("%s is read as %+v (%v)", path, ref, err)
		}
		if got := ref.Path(); got != "tile/"+path {
			t.Errorf("%+v is written as %s", ref, got)
		}
		if ref.Level >= 0 { // tlog has the same but for the height in its path
			theirs := tlog.Tile{H: 8, L: ref.Level, N: ref.Number, W: ref.Width}.Path()
			if theirs != "tile/8/"+path {
				t.Errorf("tlog writes %s", theirs)
			}
		}
	}
	for _, path := range []string{"", "0", "0/", "0/0", "0/0000", "8/000", "00/000", "-1/000", "0/x000/001", "0/001/002", "0/x001", "0/000.p/0",
		"0/000.p/256", "0/000.p/01", "0/000.p/", "data/000", "0/../000", "0/x001/000/", "entries/+01", "0/x001/x001/x001/x001/x001/x001/x001/001"} {
		if ref, err := ledger.ParseTilePath(path); err == nil {
			t.Errorf("%q is read as %+v", path, ref)
		}
	}
}

func TestATileIsServedOnceTheTreeHasIt(t *testing.T) {
	for _, test := range []struct {
		ref  ledger.TileRef
		size int64
		want bool
	}{
		{ledger.TileRef{Level: 0, Number: 0, Width: 1}, 0, false},
		{ledger.TileRef{Level: 0, Number: 0, Width: 1}, 1, true},
		{ledger.TileRef{Level: ledger.EntriesLevel, Number: 1, Width: 4}, 259, false},
		{ledger.TileRef{Level: ledger.EntriesLevel, Number: 1, Width: 4}, 260, true},
		{ledger.TileRef{Level: 1, Number: 0, Width: 1}, 255, false},
		{ledger.TileRef{Level: 1, Number: 0, Width: 1}, 256, true},
		{ledger.TileRef{Level: 1, Number: 0, Width: 256}, 65_536, true},
		{ledger.TileRef{Level: 7, Number: 0, Width: 1}, 1 << 40, false},
	} {
		if got := test.ref.In(test.size); got != test.want {
			t.Errorf("%+v in a tree of %d: %v", test.ref, test.size, got)
		}
	}
}

func TestCheckpointsAreReadAsTheyAreWritten(t *testing.T) {
	c := ledger.Checkpoint{Origin: "petitions.example.org/ledger", Size: 20_852_163, Root: ledger.LeafHash(nil)}
	if c.Text() != "petitions.example.org/ledger\n20852163\n"+base64.StdEncoding.EncodeToString(c.Root[:])+"\n" {
		t.Errorf("it is written %q", c.Text())
	}
	got, err := ledger.ParseCheckpoint(c.Text())
	if err != nil || got != c {
		t.Errorf("it is read as %+v (%v)", got, err)
	}
	root := base64.StdEncoding.EncodeToString(c.Root[:])
	for _, text := range []string{"", "a\n1\n" + root, "a\n1\n" + root + "\nmore\n", "a\n01\n" + root + "\n", "a\n-1\n" + root + "\n", "\n1\n" + root + "\n",
		"a\n+1\n" + root + "\n", "a\n1\n" + root[:40] + "\n", "a\n1\n" + root[:43] + "/\n"} {
		if c, err := ledger.ParseCheckpoint(text); err == nil && c.Text() == text {
			continue
		} else if err == nil {
			t.Errorf("%q is read as %+v", text, c)
		}
	}
}

func FuzzParseTilePath(f *testing.F) {
	f.Add("0/x001/234.p/12")
	f.Fuzz(func(t *testing.T, path string) {
		if ref, err := ledger.ParseTilePath(path); err == nil && ref.Path() != "tile/"+path {
			t.Errorf("%q is written back as %q", path, ref.Path())
		}
	})
}
