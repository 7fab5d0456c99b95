package shop

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/contract"
)

// contractSource reads the contracts of all modules.
func contractSource() (contract.Source, error) {
	root, path, err := checkout()
	if err != nil {
		return contract.Source{}, err
	}
	modules, err := os.ReadDir(filepath.Join(root, "modules"))
	if err != nil {
		return contract.Source{}, err
	}
	var all contract.Source
	for _, module := range modules {
		one, err := contract.ReadSource(filepath.Join(root, "modules", module.Name()), path+"/modules/"+module.Name())
		if err != nil {
			return contract.Source{}, err
		}
		all = all.With(one)
	}
	return all, nil
}

// checkout finds the folder with the source, from the working folder upwards, and the path it is imported by.
func checkout() (dir, path string, err error) {
	path = strings.TrimSuffix(reflect.TypeFor[Wired]().PkgPath(), "/cmd/internal/shop")
	if dir, err = os.Getwd(); err != nil {
		return "", "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module "+path+"\n") {
			return dir, path, nil
		}
		if filepath.Dir(dir) == dir {
			return "", "", errors.New("contracts are written from the source: run this in a checkout of it")
		}
		dir = filepath.Dir(dir)
	}
}
