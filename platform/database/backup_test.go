package database_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A house is a small shop: its rooms are modules, and each keeps a diary in the same folder.
type house struct {
	t      *testing.T
	folder *database.Folder
	rooms  map[string]*database.DB
}

var rooms = []string{"attic", "cellar", "kitchen"}

// enter starts a house as a process does.
func enter(t *testing.T, dir string, rooms ...string) (*house, error) {
	t.Helper()
	folder, err := database.LockDir(dir)
	if err != nil {
		return nil, err
	}
	h := &house{t: t, folder: folder, rooms: map[string]*database.DB{}}
	t.Cleanup(h.leave)
	for _, room := range rooms {
		h.rooms[room], err = database.Open(t.Context(), room, database.Options{Dir: dir, Migrations: notes(1)})
		require.NoError(t, err)
	}
	return h, nil
}

// build makes a house with a note in each room.
func build(t *testing.T, note string) (*house, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	h, err := enter(t, dir, rooms...)
	require.NoError(t, err)
	h.note(note)
	return h, dir
}

// note writes a note in each room.
func (h *house) note(id string) {
	h.t.Helper()
	for _, db := range h.rooms {
		require.NoError(h.t, write(h.t.Context(), db, id, ""))
	}
}

// says enters a house and expects these notes in each of its rooms.
func says(t *testing.T, dir string, ids ...string) {
	t.Helper()
	h, err := enter(t, dir, rooms...)
	require.NoError(t, err)
	defer h.leave()
	for room, db := range h.rooms {
		require.Equal(t, ids, read(t, db), room)
	}
}

// leave ends the process.
func (h *house) leave() {
	for _, db := range h.rooms {
		require.NoError(h.t, db.Close())
	}
	require.NoError(h.t, h.folder.Close())
}

// known are the databases of these tests' program.
func known() database.Known {
	k := database.Known{}
	for _, room := range rooms {
		k[room] = database.Versions{Module: 1, Platform: 1000}
	}
	return k
}

func silent(string, int, int) {}

// backUp takes a backup that has to succeed.
func backUp(t *testing.T, from string) (id database.Set, to string) {
	t.Helper()
	to = filepath.Join(t.TempDir(), "backup")
	b, err := takeBackup(t.Context(), from, to, silent)
	require.NoError(t, err)
	return b.ID, to
}

func takeBackup(ctx context.Context, from, to string, told database.Progress) (*database.Backup, error) {
	return database.TakeBackup(ctx, from, to, database.BackupOptions{Known: known(), Program: "v1", Progress: told})
}

// Each writer leaves its notes in the attic, then in the cellar, then in the kitchen. So at any instant a room
// has what the next one has, and at most one note of each writer more.
func TestABackupIsOfOneInstant(t *testing.T) {
	const writers = 8
	h, dir := build(t, "first")
	var enough atomic.Bool
	var written atomic.Int64
	var working sync.WaitGroup
	for w := range writers {
		working.Go(func() {
			for n := 0; !enough.Load(); n++ {
				for _, room := range rooms {
					if err := write(context.Background(), h.rooms[room], fmt.Sprint(w, "-", n), "x"); err != nil {
						t.Errorf("a writer is disturbed: %v", err)
					}
				}
				written.Add(1)
			}
		})
	}
	defer working.Wait()
	defer enough.Store(true)
	seen := 0
	for range 5 {
		before := written.Load()
		require.Eventually(t, func() bool { return written.Load() > before+writers }, 30*time.Second, time.Millisecond) // one wrote twice
		_, backup := backUp(t, dir)
		notes := requireOneInstant(t, backup, writers)
		require.Greater(t, notes, seen, "nobody wrote meanwhile: the test proves nothing")
		seen = notes
	}
}

// A meddler lets something happen whenever somebody asks whether to go on: between any two statements.
type meddler struct {
	context.Context
	meddle func()
}

// Done meddles.
func (m meddler) Done() <-chan struct{} {
	m.meddle()
	return m.Context.Done()
}

// Somebody walks through the house whenever the backup does anything at all, and leaves a note in each room.
// A backup that looked into the rooms one after the other would find notes in the kitchen that are not in the
// attic yet.
func TestABackupFindsAnInstantAtWhichNobodyWrites(t *testing.T) {
	h, dir := build(t, "first")
	backup := filepath.Join(t.TempDir(), "backup")
	var walk sync.Mutex
	n := 0
	_, err := takeBackup(meddler{t.Context(), func() {
		walk.Lock()
		defer walk.Unlock()
		for _, room := range rooms {
			if n < 100 {
				require.NoError(t, write(t.Context(), h.rooms[room], fmt.Sprint(n), ""))
			}
		}
		n++
	}}, dir, backup, silent)
	require.NoError(t, err)
	walk.Lock() // somebody may still be on the way
	defer walk.Unlock()
	require.Greater(t, n, 100, "the backup was taken before anybody came along")
	requireOneInstant(t, backup, 1)
}

// requireOneInstant expects that each room has what the next one has, and at most so many notes more.
func requireOneInstant(t *testing.T, backup string, more int) (notes int) {
	t.Helper()
	restored := filepath.Join(t.TempDir(), "data")
	_, err := restore(t, backup, restored, false)
	require.NoError(t, err)
	h, err := enter(t, restored, rooms...)
	require.NoError(t, err)
	defer h.leave()
	attic, cellar, kitchen := read(t, h.rooms["attic"]), read(t, h.rooms["cellar"]), read(t, h.rooms["kitchen"])
	require.Subset(t, attic, cellar)
	require.Subset(t, cellar, kitchen)
	require.LessOrEqual(t, len(attic)-len(kitchen), more)
	return len(kitchen)
}

// While the copy is made, the house changes and tries to empty its log into the file that is being copied.
func TestACopyHasNothingThatCameLater(t *testing.T) {
	h, dir := build(t, "before")
	require.NoError(t, h.rooms["attic"].Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		for n := range 3000 {
			if err := tx.Create(&note{ID: fmt.Sprint("before-", n), Text: strings.Repeat("x", 3000)}).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	before := read(t, h.rooms["attic"])
	beside, err := sql.Open("sqlite", filepath.Join(dir, "attic.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, beside.Close()) })
	n, kept := 0, 0
	backup := filepath.Join(t.TempDir(), "backup")
	_, err = takeBackup(t.Context(), dir, backup, func(string, int, int) {
		n++
		h.note(fmt.Sprint("later-", n))
		require.NoError(t, h.rooms["attic"].Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("UPDATE notes SET text = 'changed' WHERE id LIKE ?", fmt.Sprintf("before-%%%d", n%10)).Error
		}))
		var busy, logged, emptied int
		require.NoError(t, beside.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &logged, &emptied))
		kept += busy
	})
	require.NoError(t, err)
	require.Greater(t, kept, 1, "the log was emptied, or the copy made in one go: the test proves nothing")

	restored := filepath.Join(t.TempDir(), "data")
	_, err = restore(t, backup, restored, false)
	require.NoError(t, err)
	there, err := enter(t, restored, rooms...)
	require.NoError(t, err)
	require.Equal(t, before, read(t, there.rooms["attic"]))
	require.Equal(t, []string{"before"}, read(t, there.rooms["kitchen"]))
	var changed int64
	require.NoError(t, there.rooms["attic"].Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&note{}).Where("text = 'changed'").Count(&changed).Error
	}))
	require.Zero(t, changed)
}

func TestABackupOfAHouseThatIsLeft(t *testing.T) {
	h, dir := build(t, "a")
	h.leave()
	_, backup := backUp(t, dir)
	for _, name := range append(slices.Collect(fileNames()), "manifest.json") {
		info, err := os.Stat(filepath.Join(backup, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	info, err := os.Stat(backup)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	entries, err := os.ReadDir(backup)
	require.NoError(t, err)
	require.Len(t, entries, len(rooms)+1, "a backup is nothing but its files")
	says(t, dir, "a")
}

func fileNames() func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, room := range rooms {
			if !yield(room + ".db") {
				return
			}
		}
	}
}

func TestABackupThatIsInterruptedLeavesNothing(t *testing.T) {
	_, dir := build(t, "a")
	for name, there := range map[string]bool{"a new folder": false, "an empty folder": true} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			to := filepath.Join(t.TempDir(), "backup")
			if there {
				require.NoError(t, os.Mkdir(to, 0o750))
			}
			_, err := takeBackup(ctx, dir, to, func(_ string, done, total int) {
				if done > total/2 {
					cancel()
				}
			})
			require.ErrorIs(t, err, context.Canceled)
			entries, err := os.ReadDir(to)
			require.Equal(t, there, err == nil)
			require.Empty(t, entries)
		})
	}
}

func TestWhereNoBackupCanBe(t *testing.T) {
	_, dir := build(t, "a")
	elsewhere := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(elsewhere, "file"), nil, 0o600))
	require.NoError(t, os.Symlink(dir, filepath.Join(elsewhere, "link")))
	for to, why := range map[string]string{
		dir:                                "is in the data folder",
		filepath.Join(dir, "backup"):       "is in the data folder",
		filepath.Join(elsewhere, "link/b"): "is in the data folder",
		elsewhere:                          "is not empty",
		filepath.Join(elsewhere, "file"):   "not a directory",
		filepath.Join(elsewhere, "file/b"): "not a directory",
	} {
		_, err := takeBackup(t.Context(), dir, to, silent)
		require.ErrorContains(t, err, why, to)
	}
	entries, err := os.ReadDir(elsewhere)
	require.NoError(t, err)
	require.Len(t, entries, 2)
}

func TestWhatCannotBeBackedUp(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string) error
		why   string
	}{
		"a file is missing": {func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, "cellar.db")) }, "cellar.db"},
		"a file is not a database": {func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "cellar.db"), []byte(strings.Repeat("nonsense ", 1000)), 0o600)
		}, "cellar.db: the file of the database of cellar is damaged"},
		"a file is empty": {func(_ *testing.T, dir string) error { return os.Truncate(filepath.Join(dir, "cellar.db"), 0) }, "has no schema yet"},
		"a file is damaged": {func(t *testing.T, dir string) error {
			path := filepath.Join(dir, "cellar.db")
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			for at := 2 * 4096; at < len(content); at++ {
				content[at] ^= 0xff
			}
			return os.WriteFile(path, content, 0o600)
		}, "cellar.db"},
		"a file is a stranger's": {func(t *testing.T, dir string) error {
			content, err := os.ReadFile(filepath.Join(dir, "cellar.db"))
			require.NoError(t, err)
			return os.WriteFile(filepath.Join(dir, "garage.db"), content, 0o600)
		}, "garage.db belongs to none of this program's modules"},
		"a schema is newer": {func(t *testing.T, dir string) error {
			db, err := database.Open(t.Context(), "cellar", database.Options{Dir: dir, Migrations: notes(2)})
			require.NoError(t, err)
			return db.Close()
		}, "cellar.db is newer than this program"},
		"a file is of another set": {func(t *testing.T, dir string) error {
			return as(t, filepath.Join(dir, "cellar.db"), 0x2a)
		}, "cellar.db of set 0000002a"},
		"a restore was interrupted": {func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "RESTORING"), []byte(`{"backup":"0000002a","set":"0000002b"}`), 0o600)
		}, "the restore of backup 0000002a"},
		"there is nothing": {func(_ *testing.T, dir string) error { return os.RemoveAll(dir) }, "data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			h, dir := build(t, "a")
			h.leave()
			require.NoError(t, c.spoil(t, dir))
			to := filepath.Join(t.TempDir(), "backup")
			_, err := takeBackup(t.Context(), dir, to, silent)
			require.ErrorContains(t, err, c.why)
			require.NoDirExists(t, to)
		})
	}
}

// as makes a file one of another set.
func as(t *testing.T, path string, set byte) error {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = file.WriteAt([]byte{0, 0, 0, set}, 60)
	require.NoError(t, err)
	return file.Close()
}
