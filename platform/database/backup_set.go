package database

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Set names the databases that belong together. The files of a shop that was never restored are of the
// set zero; every backup and every restore makes another one. It stands in each file, so that a file of
// another set, such as one copied out of an older backup, is noticed before anybody trusts it.
type Set uint32

func newSet() Set { return Set(1 + rand.Uint32N(1<<31-2)) } // user_version has a sign

// String is the set as operators see it.
func (s Set) String() string {
	if s == 0 {
		return "none"
	}
	return fmt.Sprintf("%08x", uint32(s))
}

// MarshalText is String.
func (s Set) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Set) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 16, 31)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is not the name of a set", text)
	}
	*s = Set(n)
	return nil
}

// The header of an SQLite file begins with the mark. At setAt it has room for whoever uses SQLite, which
// is called user_version.
const (
	headerMark = "SQLite format 3\x00"
	setAt      = 60
)

// setOf reads which set a file is of; an empty one is of none, and what is no database of ours is not ok.
// It must not be called while this process has the file open as a database: closing a file takes all
// locks of the process off it.
func setOf(path string) (set Set, ok bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	header := make([]byte, setAt+4)
	n, err := io.ReadFull(file, header)
	if n < len(header) {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil
		}
		return 0, n == 0, err
	}
	if !bytes.HasPrefix(header, []byte(headerMark)) {
		return 0, false, nil
	}
	return Set(binary.BigEndian.Uint32(header[setAt:])), true, nil
}

// stampAs makes a file that nobody has open a member of a set.
func stampAs(file *os.File, s Set) error {
	_, err := file.WriteAt(binary.BigEndian.AppendUint32(nil, uint32(s)), setAt)
	return err
}

// databaseFiles lists what is named like a database in a folder.
func databaseFiles(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".db" && !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// Whole returns an error unless the databases in a folder belong together: they are of one set, and no restore
// was interrupted. This process must have none of them open.
func Whole(dir string) error {
	if err := unrestored(dir); err != nil {
		return err
	}
	names, err := databaseFiles(dir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	sets := map[string]Set{}
	for _, name := range names {
		set, ok, err := setOf(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if ok {
			sets[name] = set
		}
	}
	return ofOneSet(dir, sets)
}

// ofOneSet returns an error that names the odd ones unless all files are of one set.
func ofOneSet(dir string, files map[string]Set) error {
	members := map[Set][]string{}
	for name, set := range files {
		members[set] = append(members[set], name)
	}
	if len(members) < 2 {
		return nil
	}
	var sets []Set
	for set := range members {
		slices.Sort(members[set])
		sets = append(sets, set)
	}
	slices.SortFunc(sets, func(a, b Set) int {
		if n := len(members[a]) - len(members[b]); n != 0 {
			return n
		}
		return strings.Compare(members[a][0], members[b][0])
	})
	var odd []string
	for _, set := range sets[:len(sets)-1] {
		odd = append(odd, fmt.Sprintf("%s of set %s", strings.Join(members[set], ", "), set))
	}
	most := sets[len(sets)-1]
	return fmt.Errorf("the databases in %s do not belong together: %s, %s of set %s: put the file back that belongs there, or restore one backup as a whole",
		dir, strings.Join(odd, ", "), strings.Join(members[most], ", "), most)
}
