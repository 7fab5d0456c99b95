package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// A definitionsFile is for a broker to load when it starts. Anybody may read it: of passwords it has the hashes, and
// they are of 120 bits of chance.
type definitionsFile struct {
	path string
	has  rabbitmq.Definitions
}

func (f *definitionsFile) definitions(context.Context) (rabbitmq.Definitions, error) {
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f.has, nil
	}
	if err != nil {
		return f.has, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f.has); err != nil {
		return f.has, fmt.Errorf("%s has something that was not written here: give another file, or delete it: %w", f.path, err)
	}
	return f.has, nil
}

func (f *definitionsFile) define(_ context.Context, d rabbitmq.Definitions) error {
	f.has.VirtualHosts = append(f.has.VirtualHosts, d.VirtualHosts...)
	f.has.Users = replaced(f.has.Users, d.Users, func(u rabbitmq.User) any { return u.Name })
	f.has.Grants = replaced(f.has.Grants, d.Grants, func(g rabbitmq.Grant) any { return [...]string{g.VirtualHost, g.User} })
	f.has.Exchanges = append(f.has.Exchanges, d.Exchanges...)
	f.has.Queues = append(f.has.Queues, d.Queues...)
	f.has.Bindings = append(f.has.Bindings, d.Bindings...)
	return f.write()
}

// replaced is old with what is new in the place of what has the same name.
func replaced[T any](old, fresh []T, name func(T) any) []T {
	names := map[any]bool{}
	for _, x := range fresh {
		names[name(x)] = true
	}
	var kept []T
	for _, x := range old {
		if !names[name(x)] {
			kept = append(kept, x)
		}
	}
	return append(kept, fresh...)
}

func (f *definitionsFile) revoke(_ context.Context, vhost, user string) error {
	var kept []rabbitmq.Grant
	for _, g := range f.has.Grants {
		if g.VirtualHost != vhost || g.User != user {
			kept = append(kept, g)
		}
	}
	f.has.Grants = kept
	return f.write()
}

func (f *definitionsFile) revokeTopics(_ context.Context, vhost, user string) error {
	var kept []rabbitmq.TopicGrant
	for _, g := range f.has.TopicGrants {
		if g.VirtualHost != vhost || g.User != user {
			kept = append(kept, g)
		}
	}
	f.has.TopicGrants = kept
	return f.write()
}

// write replaces the file as a whole.
func (f *definitionsFile) write() error {
	text, err := json.MarshalIndent(f.has, "", "  ")
	if err != nil {
		return err
	}
	next := filepath.Join(filepath.Dir(f.path), "."+filepath.Base(f.path)+".next")
	if err := os.WriteFile(next, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(next, f.path)
}
