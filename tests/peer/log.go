// Checks a copy of the journal with Go's own implementation of signed notes and tiled logs
// (golang.org/x/mod/sumdb): the signature, the root from tiles, inclusion, consistency, and that
// what is tampered with is refused.  Prints "ok N" for each check and ends with status 1 at the
// first that fails.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var dir string
var count int

func must(ok bool, what string, about ...interface{}) {
	if !ok {
		fmt.Println("not ok", what, fmt.Sprint(about...))
		os.Exit(1)
	}
	count++
}

func read(name string) []byte {
	b, err := os.ReadFile(filepath.Join(dir, name))
	must(err == nil, "read", name, err)
	return b
}

// Go writes the height of a tile into its path; ours is always 8.
type tiles struct{ flip string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range want {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		b, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return nil, err
		}
		if path == t.flip {
			b[len(b)/2] ^= 1
		}
		out = append(out, b)
	}
	return out, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

type tree struct {
	size int64
	root tlog.Hash
}

func checkpoint(msg []byte, v note.Verifier) (tree, error) {
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		return tree{}, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != v.Name() {
		return tree{}, fmt.Errorf("not a checkpoint of %s", v.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tree{size, root}, err
}

func inclusion(t tree) {
	r := tlog.TileHashReader(tlog.Tree{N: t.size, Hash: t.root}, tiles{})
	root, err := tlog.TreeHash(t.size, r)
	must(err == nil && root == t.root, "root from tiles", err)
	for i := int64(0); i < t.size; i += t.size/50 + 1 {
		p, err := tlog.ProveRecord(t.size, i, r)
		must(err == nil, "prove", i, err)
		leaf := tlog.RecordHash(entry(t.size, i))
		must(tlog.CheckRecord(p, t.size, t.root, i, leaf) == nil, "inclusion", i)
		must(tlog.CheckRecord(p, t.size, t.root, i, tlog.RecordHash([]byte("x"))) != nil, "other leaf", i)
	}
}

func entry(size, index int64) []byte {
	t := tlog.TileForIndex(8, tlog.StoredHashIndex(0, index))
	if w := size - t.N*256; w < 256 {
		t.W = int(w)
	} else {
		t.W = 256
	}
	path := strings.Replace(t.Path(), "tile/8/0/", "tile/entries/", 1)
	b := read(path)
	for i := int64(0); i < index%256; i++ {
		b = b[2+int(b[0])<<8+int(b[1]):]
	}
	return b[2 : 2+int(b[0])<<8+int(b[1])]
}

func consistency(t tree, v note.Verifier) {
	r := tlog.TileHashReader(tlog.Tree{N: t.size, Hash: t.root}, tiles{})
	for _, line := range strings.Split(strings.TrimSpace(string(read("checkpoints.txt"))), "\n") {
		f := strings.Split(line, " ")
		size, _ := strconv.ParseInt(f[0], 10, 64)
		root, err := tlog.ParseHash(f[1])
		must(err == nil, "root", line)
		sig, err := base64.StdEncoding.DecodeString(f[2])
		must(err == nil && v.Verify([]byte(fmt.Sprintf("%s\n%d\n%s\n", v.Name(), size, f[1])), sig), "signature", size)
		p, err := tlog.ProveTree(t.size, size, r)
		must(err == nil && tlog.CheckTree(p, t.size, t.root, size, root) == nil, "consistency", size, err)
		root[0] ^= 1
		must(tlog.CheckTree(p, t.size, t.root, size, root) != nil, "other root", size)
	}
}

// Our own proofs, by Go's check of them.
func proofs(v note.Verifier) {
	files, _ := filepath.Glob(filepath.Join(dir, "proof-*.tlog-proof"))
	must(len(files) > 0, "proofs")
	for _, file := range files {
		b, _ := os.ReadFile(file)
		parts := bytes.SplitN(b, []byte("\n\n"), 2)
		t, err := checkpoint(parts[1], v)
		must(err == nil, file, err)
		lines := strings.Split(string(parts[0]), "\n")
		must(lines[0] == "c2sp.org/tlog-proof@v1", file)
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		must(err == nil, file, err)
		var p tlog.RecordProof
		for _, line := range lines[2:] {
			h, err := tlog.ParseHash(line)
			must(err == nil, file, err)
			p = append(p, h)
		}
		leaf := tlog.RecordHash(entry(t.size, index))
		must(tlog.CheckRecord(p, t.size, t.root, index, leaf) == nil, file)
		must(tlog.CheckRecord(p, t.size, t.root, index, tlog.Hash{}) != nil, "other leaf", file)
	}
}

func tampering(t tree, v note.Verifier, msg []byte) {
	for i := range msg {
		bad := append([]byte(nil), msg...)
		bad[i] ^= 1
		_, err := checkpoint(bad, v)
		must(err != nil, "changed checkpoint", i)
	}
	// The reader of x/mod 0.7 does not compare every tile with its parent, so the proof is checked too.
	for flip, index := range map[string]int64{"tile/0/000": 0, "tile/0/256": 65536, "tile/1/000": 0, "tile/2/000.p/1": 0} {
		r := tlog.TileHashReader(tlog.Tree{N: t.size, Hash: t.root}, tiles{flip})
		p, err := tlog.ProveRecord(t.size, index, r)
		leaf := tlog.RecordHash(entry(t.size, index))
		must(err != nil || tlog.CheckRecord(p, t.size, t.root, index, leaf) != nil, "changed tile", flip)
	}
}

// The log's key among the keys that are published.
func logKey() note.Verifier {
	for _, line := range strings.Split(string(read("keys")), "\n") {
		if strings.Contains(line, "/journal+") {
			v, err := note.NewVerifier(line)
			must(err == nil, "key", err)
			return v
		}
	}
	must(false, "no key of the log")
	return nil
}

func main() {
	dir = os.Args[1]
	v := logKey()
	msg := read("checkpoint")
	t, err := checkpoint(msg, v)
	must(err == nil, "checkpoint", err)
	inclusion(t)
	consistency(t, v)
	proofs(v)
	tampering(t, v, msg)
	fmt.Println("ok", count, "checks; size", t.size)
}
