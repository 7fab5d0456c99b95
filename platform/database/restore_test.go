package database_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
)

func restore(t *testing.T, from, into string, replace bool) (*database.Restoration, error) {
	t.Helper()
	return database.Restore(t.Context(), from, into, database.RestoreOptions{Known: known(), Replace: replace, Progress: silent})
}

func TestARestoreReplacesAndDeletesNothing(t *testing.T) {
	h, dir := build(t, "a")
	_, backup := backUp(t, dir)
	h.note("b")

	_, err := restore(t, backup, dir, true)
	require.ErrorContains(t, err, "in use")
	h.leave()
	_, err = restore(t, backup, dir, false)
	require.ErrorContains(t, err, "--replace")
	says(t, dir, "a", "b")

	restored, err := restore(t, backup, dir, true)
	require.NoError(t, err)
	says(t, dir, "a")
	says(t, restored.Replaced, "a", "b")

	again, err := restore(t, backup, dir, true)
	require.NoError(t, err)
	require.NotEqual(t, restored.Replaced, again.Replaced)
	says(t, restored.Replaced, "a", "b")
}

// A restore may end anywhere, and the one after it too. Nothing is ever mixed or lost.
func TestARestoreIsInterruptedAnywhere(t *testing.T) {
	h, dir := build(t, "a")
	_, backup := backUp(t, dir)
	h.note("b")
	h.leave()
	for _, name := range []string{"attic.db-wal", "attic.db-shm"} { // as a kill leaves them
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	refused := 0
	for first := 1; ; first++ {
		into := filepath.Join(t.TempDir(), "data")
		require.NoError(t, os.CopyFS(into, os.DirFS(dir)))
		if interrupted(t, backup, into, first) {
			break
		}
		folder, err := database.LockDir(into)
		if err == nil {
			require.NoError(t, folder.Close())
			says(t, into, "a", "b")
		} else {
			refused++
			require.ErrorContains(t, err, "run pangaea restore again")
			_, err = takeBackup(t.Context(), into, filepath.Join(t.TempDir(), "backup"), silent)
			require.ErrorContains(t, err, "run pangaea restore again")
		}
		interrupted(t, backup, into, first*7%20+1)
		_, err = os.Stat(filepath.Join(into, "RESTORING"))
		restored, err := restore(t, backup, into, err != nil)
		require.NoError(t, err)
		says(t, into, "a")
		says(t, restored.Replaced, "a", "b")
	}
	require.Greater(t, refused, 5, "files were exchanged in too few steps: the test proves nothing")
}

// interrupted runs a restore that ends without a word at its n-th step, and reports whether it had none.
func interrupted(t *testing.T, from, into string, n int) (ended bool) {
	t.Helper()
	cut := false
	defer func() {
		if cut {
			_ = recover()
		}
	}()
	_, err := database.Restore(t.Context(), from, into, database.RestoreOptions{Known: known(), Replace: true, Progress: func(string, int, int) {
		if n--; n == 0 {
			cut = true
			panic("a power cut")
		}
	}})
	require.NoError(t, err)
	return true
}

func TestWhatCannotBeRestored(t *testing.T) {
	h, dir := build(t, "a")
	id, backup := backUp(t, dir)
	h.note("b")
	_, later := backUp(t, dir)
	h.leave()
	for name, c := range map[string]struct {
		spoil func(t *testing.T, backup string)
		why   string
	}{
		"it is not there":    {func(t *testing.T, backup string) { require.NoError(t, os.RemoveAll(backup)) }, "no such file"},
		"it is a file":       {func(t *testing.T, backup string) { require.NoError(t, os.RemoveAll(backup)); put(t, backup, "x") }, "is a file"},
		"it was interrupted": {func(t *testing.T, backup string) { remove(t, backup, "manifest.json") }, "is no backup, or one that was interrupted"},
		"a file is missing":  {func(t *testing.T, backup string) { remove(t, backup, "cellar.db") }, "cellar.db is missing"},
		"a file is cut off": {func(t *testing.T, backup string) {
			require.NoError(t, os.Truncate(filepath.Join(backup, "cellar.db"), 8192))
		}, "cellar.db is not as it was written"},
		"a byte of a file has changed": {func(t *testing.T, backup string) {
			change(t, backup, "cellar.db", "CREATE TABLE notes", "CREATE TABLE nOtes")
		}, "cellar.db is not as it was written"},
		"a file is of another backup": {func(t *testing.T, backup string) {
			content, err := os.ReadFile(filepath.Join(later, "cellar.db"))
			require.NoError(t, err)
			put(t, filepath.Join(backup, "cellar.db"), string(content))
		}, "and the backup is " + id.String()},
		"the manifest is nonsense": {func(t *testing.T, backup string) { put(t, filepath.Join(backup, "manifest.json"), "nonsense") }, "manifest.json cannot be read"},
		"the manifest was edited": {func(t *testing.T, backup string) {
			change(t, backup, "manifest.json", `"program": "v1"`, `"program": "v2"`)
		}, "manifest.json is not as it was written"},
		"the manifest is of the future": {func(t *testing.T, backup string) { change(t, backup, "manifest.json", `"format": 1`, `"format": 2`) }, "is of format 2"},
		"the manifest lacks a file": {func(t *testing.T, backup string) {
			change(t, backup, "manifest.json", `"name": "cellar.db"`, `"name": "attic.db"`)
		}, "manifest.json is not as it was written"},
		"the manifest leads out of there": {func(t *testing.T, backup string) {
			change(t, backup, "manifest.json", `"name": "cellar.db"`, `"name": "../cellar.db"`)
		}, "manifest.json is not as it was written"},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := filepath.Join(t.TempDir(), "backup")
			require.NoError(t, os.CopyFS(spoilt, os.DirFS(backup)))
			c.spoil(t, spoilt)
			_, err := restore(t, spoilt, dir, true)
			require.ErrorContains(t, err, c.why)
			says(t, dir, "a", "b")
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, entries, len(rooms)+1, "the databases, the lock and nothing else")
		})
	}
	t.Run("it is in the data folder", func(t *testing.T) {
		inside := filepath.Join(dir, "backup")
		require.NoError(t, os.CopyFS(inside, os.DirFS(backup)))
		defer func() { require.NoError(t, os.RemoveAll(inside)) }()
		_, err := restore(t, inside, dir, true)
		require.ErrorContains(t, err, "is in the data folder")
	})
	for why, known := range map[string]database.Known{
		"belongs to none of this program's modules": {"attic": {1, 1000}, "cellar": {1, 1000}},
		"kitchen.db is newer than this program":     {"attic": {1, 1000}, "cellar": {1, 1000}, "kitchen": {0, 1000}},
		"cellar.db is newer than this program":      {"attic": {1, 1000}, "cellar": {1, 1}, "kitchen": {1, 1000}},
	} {
		t.Run(why, func(t *testing.T) {
			_, err := database.Restore(t.Context(), backup, dir, database.RestoreOptions{Known: known, Replace: true, Progress: silent})
			require.ErrorContains(t, err, why)
			says(t, dir, "a", "b")
		})
	}
}

func TestSetsAreNotMixed(t *testing.T) {
	h, dir := build(t, "a")
	_, backup := backUp(t, dir)
	h.note("b")
	h.leave()
	restored := filepath.Join(t.TempDir(), "data")
	_, err := restore(t, backup, restored, false)
	require.NoError(t, err)
	twice := filepath.Join(t.TempDir(), "data")
	_, err = restore(t, backup, twice, false)
	require.NoError(t, err)
	for name, c := range map[string]struct{ of, into string }{
		"a file out of a backup beside those it was taken of":    {backup, dir},
		"a file out of a backup beside what was restored of it":  {backup, restored},
		"a file of before a restore beside those of after it":    {dir, restored},
		"a file of after a restore beside those of before it":    {restored, dir},
		"a file of one restore beside another of the same files": {twice, restored},
	} {
		t.Run(name, func(t *testing.T) {
			mixed := filepath.Join(t.TempDir(), "data")
			require.NoError(t, os.CopyFS(mixed, os.DirFS(c.into)))
			content, err := os.ReadFile(filepath.Join(c.of, "cellar.db"))
			require.NoError(t, err)
			put(t, filepath.Join(mixed, "cellar.db"), string(content))

			_, err = enter(t, mixed, rooms...)

			require.ErrorContains(t, err, "do not belong together: cellar.db of set ")
			require.ErrorContains(t, err, ", attic.db, kitchen.db of set ")
			again, err := restore(t, backup, mixed, true)
			require.NoError(t, err)
			says(t, mixed, "a")
			require.FileExists(t, filepath.Join(again.Replaced, "cellar.db"))
		})
	}
}

func TestAnEmptiedFileIsOfNoSet(t *testing.T) {
	_, dir := build(t, "a")
	_, backup := backUp(t, dir)
	restored := filepath.Join(t.TempDir(), "data")
	_, err := restore(t, backup, restored, false)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join(restored, "cellar.db"), 0))
	_, err = enter(t, restored, rooms...)
	require.ErrorContains(t, err, "cellar.db of set none, attic.db, kitchen.db of set ")
}

func TestFilesOfOthersAreTheirBusiness(t *testing.T) {
	_, dir := build(t, "a")
	put(t, filepath.Join(dir, "Aardvarks.db"), strings.Repeat("pictures of aardvarks ", 100))
	_, backup := backUp(t, dir)
	restored := filepath.Join(t.TempDir(), "data")
	_, err := restore(t, backup, restored, false)
	require.NoError(t, err)
	put(t, filepath.Join(restored, "Aardvarks.db"), strings.Repeat("pictures of aardvarks ", 100))
	for range 2 {
		h, err := enter(t, restored, append(rooms, "garage")...)
		require.NoError(t, err)
		h.leave()
	}
}

// A program that has got a new room goes on with a house that was restored from before it had it.
func TestANewModuleJoinsTheSet(t *testing.T) {
	_, dir := build(t, "a")
	_, backup := backUp(t, dir)
	restored := filepath.Join(t.TempDir(), "data")
	_, err := restore(t, backup, restored, false)
	require.NoError(t, err)
	for range 2 {
		h, err := enter(t, restored, append(rooms, "garage")...)
		require.NoError(t, err)
		require.Empty(t, read(t, h.rooms["garage"]))
		h.leave()
	}
	info, err := os.Stat(filepath.Join(restored, "garage.db"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func put(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	require.NoError(t, os.Remove(filepath.Join(dir, name)))
}

// change replaces something in a file that has to be there.
func change(t *testing.T, dir, name, old, now string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	require.Contains(t, string(content), old)
	put(t, filepath.Join(dir, name), strings.Replace(string(content), old, now, 1))
}
