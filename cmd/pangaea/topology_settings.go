package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/settings"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// A handing gives each process of a topology what it has to know of a file of settings.
type handing struct {
	topology string
	from     string
	to       string
	owner    int
}

func newTopologySettingsCommand() *cobra.Command {
	var h handing
	command := &cobra.Command{
		Use:   "settings --from FILE --to FOLDER",
		Short: "Give every process of a topology a file with its own modules' settings, and nobody else's",
		Long: `Writes FOLDER/<process>/settings.yaml for every process of a topology: what is in the file that pangaea database
prepare and pangaea bus prepare have written, without what names a module that is elsewhere, and the key by which the
gateway and the others know each other. Running it again leaves that key as it is.`,
		Example: `  pangaea topology settings --topology topology.yaml --from pangaea.yaml --to handed`,
		Args:    begins(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			processes, err := h.out()
			if err != nil {
				return ending(notBegun, err)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%d processes have settings of their own in %s: %s\n", len(processes), h.to, strings.Join(processes, ", "))
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&h.topology, "topology", "", "file that says which process hosts which module (default: PANGAEA_TOPOLOGY)")
	flags.StringVar(&h.from, "from", "", "file with the settings of all")
	flags.StringVar(&h.to, "to", "", "folder that gets a folder for each process")
	flags.IntVar(&h.owner, "owner", -1, "number of the user and the group that the files are to belong to (default: who runs this)")
	return command
}

// out hands the settings out, and returns who has some now.
func (h handing) out() ([]string, error) {
	if h.from == "" || h.to == "" {
		return nil, errors.New("say with --from which file has the settings of all, and with --to where each process is to have its own")
	}
	t, err := readTopology(h.topology)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(h.from); err != nil {
		return nil, err
	}
	all, err := settings.Open(h.from)
	if err != nil {
		return nil, err
	}
	key, err := h.edgeKey(t, all)
	if err != nil {
		return nil, err
	}
	for _, p := range t.Processes() {
		if err := h.give(p, all, key); err != nil {
			return nil, fmt.Errorf("hand out the settings of %s: %w", p.Name, err)
		}
	}
	return t.Names(), nil
}

const edgeKey = "edge_key"

func (h handing) file(p *topology.Process) string {
	return filepath.Join(h.to, p.Name, "settings.yaml")
}

// edgeKey is the one that everybody is given: that of all settings, one that was handed out before, or a new one.
func (h handing) edgeKey(t *topology.Topology, all *settings.File) (string, error) {
	key := all.Value(edgeKey)
	for _, p := range t.Processes() {
		if err := os.MkdirAll(filepath.Dir(h.file(p)), 0o755); err != nil {
			return "", err
		}
		former, err := settings.Open(h.file(p))
		if err != nil {
			return "", err
		}
		key = cmp.Or(key, former.Value(edgeKey))
	}
	return cmp.Or(key, rand.Text()), nil
}

func (h handing) give(p *topology.Process, all *settings.File, key string) error {
	own := settings.New(h.file(p))
	for _, name := range all.Names() {
		if shop.Concerns("PANGAEA_"+strings.ToUpper(name), p.Modules) && name != edgeKey {
			own.Set(name, all.Value(name))
		}
	}
	own.Set(edgeKey, key)
	if _, err := own.Write(); err != nil || h.owner < 0 {
		return err
	}
	return os.Chown(own.Path, h.owner, h.owner)
}
