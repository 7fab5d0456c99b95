// Command rpcgen writes the Go code of every .proto of the tree beside it. It needs nothing but Go: the
// generators are tools that go.mod names.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:generate go run . ../../..

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: rpcgen ROOT")
		os.Exit(2)
	}
	if err := write(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "rpcgen: "+err.Error())
		os.Exit(1)
	}
}

func write(ctx context.Context, root string) error {
	generated, err := generate(ctx, root)
	if err != nil {
		return err
	}
	for name, code := range generated {
		if err := os.WriteFile(filepath.Join(root, name), []byte(code), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// protos are the paths of all .proto files beneath root.
func protos(root string) (found []string, err error) {
	tree := os.DirFS(root)
	err = fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "node_modules"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".proto"):
			found = append(found, path)
		}
		return nil
	})
	return found, err
}
