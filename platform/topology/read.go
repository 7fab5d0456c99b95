package topology

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is the file as it is written.
type document struct {
	Bus       string              `yaml:"bus"`
	Settings  map[string]string   `yaml:"settings"`
	Processes map[string]*written `yaml:"processes"`
}

// written is a process as it is written.
type written struct {
	Modules  []string          `yaml:"modules"`
	Edge     bool              `yaml:"edge"`
	Replicas int               `yaml:"replicas"`
	HTTP     addresses         `yaml:"http"`
	GRPC     addresses         `yaml:"grpc"`
	Data     string            `yaml:"data"`
	Database string            `yaml:"database"`
	Bus      string            `yaml:"bus"`
	Settings map[string]string `yaml:"settings"`
}

// addresses may be written as one or as a list.
type addresses []string

// UnmarshalYAML reads either.
func (a *addresses) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*a = addresses{node.Value}
		return nil
	}
	return node.Decode((*[]string)(a))
}

// Read reads a topology. ${NAME} in a value stands for an environment variable, ${NAME:-text} for text where it is not
// set. An error says what in the file is wrong; all that can be seen from the file alone is.
func Read(path string) (*Topology, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := parse(path, text, os.LookupEnv)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func parse(path string, text []byte, lookup func(string) (string, bool)) (*Topology, error) {
	var d document
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil && !errors.Is(err, io.EOF) {
		return nil, plain(err)
	}
	e := expansion{lookup: lookup}
	t := &Topology{Path: path, Bus: e.text("bus", d.Bus), processes: map[string]*Process{}}
	t.Settings = e.variables("settings", d.Settings)
	for name, w := range d.Processes {
		if w == nil {
			w = &written{}
		}
		t.processes[name] = e.process(name, w)
	}
	return t, errors.Join(append(e.problems, t.check()...)...)
}

// decoding is what the decoder adds to what is wrong.
var decoding = regexp.MustCompile(` (?:in type|into) \S+`)

// plain takes words of Go out of the decoder's error.
func plain(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n")
	lines := strings.Split(decoding.ReplaceAllString(text, ""), "\n")
	for i := range lines {
		lines[i] = strings.NewReplacer("not found", "is not known", "!!", "").Replace(strings.TrimSpace(lines[i]))
	}
	return errors.New(strings.Join(lines, "; "))
}

// An expansion puts environment variables into values and collects what is missing.
type expansion struct {
	lookup   func(string) (string, bool)
	problems []error
}

var reference = regexp.MustCompile(`\$\{(\w+)(?:(:-)([^}]*))?\}`)

func (e *expansion) text(where, value string) string {
	return reference.ReplaceAllStringFunc(value, func(found string) string {
		parts := reference.FindStringSubmatch(found)
		set, ok := e.lookup(parts[1])
		switch {
		case set != "":
			return set
		case parts[2] != "":
			return parts[3]
		case !ok:
			e.problems = append(e.problems, fmt.Errorf("%s: the environment variable %s is not set", where, parts[1]))
		}
		return ""
	})
}

func (e *expansion) list(where string, values []string) (expanded []string) {
	for _, value := range values {
		expanded = append(expanded, e.text(where, value))
	}
	return expanded
}

// variables turns keys into names of variables, as in a file of settings.
func (e *expansion) variables(where string, values map[string]string) map[string]string {
	named := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		named["PANGAEA_"+strings.ToUpper(key)] = e.text(where+"."+key, values[key])
	}
	return named
}

func (e *expansion) process(name string, w *written) *Process {
	return &Process{
		Name: name, Modules: w.Modules, Edge: w.Edge || len(w.Modules) == 0,
		Replicas: max(w.Replicas, len(w.HTTP), 1),
		HTTP:     e.list(name+".http", w.HTTP), GRPC: e.list(name+".grpc", w.GRPC),
		Data: e.text(name+".data", w.Data), Database: e.text(name+".database", w.Database), Bus: e.text(name+".bus", w.Bus),
		Settings: e.variables(name+".settings", w.Settings),
	}
}

// saneName is what a process may be called: a host name too, for Compose and Kubernetes.
var saneName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)

// check finds what is wrong whatever modules there are.
func (t *Topology) check() (problems []error) {
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if len(t.processes) == 0 {
		wrong("it names no process: processes is missing")
	}
	hosts, folders, taken := map[string]string{}, map[string]string{}, map[string]string{}
	for _, name := range t.Names() {
		p := t.processes[name]
		if !saneName.MatchString(name) {
			wrong("a process cannot be called %q: small letters, digits and dashes, a letter first", name)
		}
		for _, module := range p.Modules {
			if other, twice := hosts[module]; twice {
				wrong("%s is hosted by %s and by %s: a module has one process, which may have replicas", module, other, name)
			}
			hosts[module] = name
		}
		if p.Data != "" {
			if other, twice := folders[p.Data]; twice {
				wrong("%s and %s have the same data folder %s", other, name, p.Data)
			}
			folders[p.Data] = name
		}
		problems = append(problems, p.check(taken)...)
	}
	return problems
}

func (p *Process) check(taken map[string]string) (problems []error) {
	wrong := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: "+format, append([]any{p.Name}, args...)...))
	}
	if len(p.HTTP) == 0 {
		wrong("http is missing: the address that it is reached at")
	}
	if p.Data != "" && p.Database != "" {
		wrong("it has data and database: its modules' databases are in a folder or on a server")
	}
	if p.Data != "" && p.Replicas > 1 {
		wrong("embedded databases belong to one process, and it has %d replicas", p.Replicas)
	}
	if p.Edge && len(p.Modules) == 0 && (p.Data != "" || p.Database != "" || len(p.GRPC) > 0) {
		wrong("it has no modules, and so no data, database or grpc")
	}
	for _, list := range []struct {
		key       string
		addresses []string
	}{{"http", p.HTTP}, {"grpc", p.GRPC}} {
		if n := len(list.addresses); n > 1 && n != p.Replicas {
			wrong("%d replicas have %d addresses in %s: one for each, or a name for all", p.Replicas, n, list.key)
		}
		for _, address := range list.addresses {
			host, port, err := net.SplitHostPort(address)
			number, numeric := strconv.Atoi(port)
			switch other, twice := taken[address]; {
			case err != nil || numeric != nil || number < 1 || number > 65535:
				wrong("%s is %q: an address is host:port", list.key, address)
			case host == "" && len(p.Modules) > 0:
				wrong("%s is %q: others must know the host", list.key, address)
			case twice:
				wrong("%s is %s, as is that of %s", list.key, address, other)
			case len(list.addresses) == 1 && p.Replicas > 1 && (host == "localhost" || net.ParseIP(host) != nil):
				wrong("%d replicas cannot all listen at %s: give each an address, or a name that stands for all", p.Replicas, address)
			}
			taken[address] = p.Name
		}
	}
	return problems
}
