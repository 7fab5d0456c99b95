package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that runs beside us and is measured; or several, that the command runs.
type process struct {
	url     string
	doors   []string // the URLs of all of them, if there are several
	command *exec.Cmd
	ended   chan struct{}
}

const (
	firstAnswer = time.Minute      // that a server may take to answer for the first time
	lastWords   = 20 * time.Second // that it may take to end
)

// start runs a program and returns when it has answered its first question about products, and how long
// that took.
func start(ctx context.Context, address string, command *exec.Cmd) (*process, time.Duration, error) {
	p := &process{url: "http://" + address, command: command, ended: make(chan struct{})}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) } // it may have to stop others
	command.WaitDelay = lastWords
	began := time.Now()
	if err := p.command.Start(); err != nil {
		return nil, 0, err
	}
	go func() { _ = p.command.Wait(); close(p.ended) }()
	if err := p.awaitProducts(ctx); err != nil {
		p.stop()
		return nil, 0, fmt.Errorf("%s does not answer: %w", command.Path, err)
	}
	return p, time.Since(began), nil
}

// awaitProducts asks for a product until there is an answer.
func (p *process) awaitProducts(ctx context.Context) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for deadline := time.Now().Add(firstAnswer); ; {
		err := get(ctx, client, p.url+"/api/v1/products?page_size=1", "", nil)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return errors.New("it has ended")
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Microsecond):
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

// stop ends the process and waits for it.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(lastWords):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

// unconfigured is an environment without what would set up a shop.
func unconfigured(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, "PANGAEA_") })
}

// ids are the processes that are the server: the command, or where there are several, those that it runs.
func (p *process) ids() []int {
	if len(p.doors) == 0 {
		return []int{p.command.Process.Pid}
	}
	var ids []int
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.command.Process.Pid))
	for _, thread := range threads {
		children, _ := os.ReadFile(thread)
		for child := range strings.FieldsSeq(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// cpu is the processor time that the server has used so far; 0 where the system does not tell.
func (p *process) cpu() (sum time.Duration) {
	for _, id := range p.ids() {
		sum += cpuOf(id)
	}
	return sum
}

func cpuOf(id int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before may contain anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts in hundredths
}

// memory is how many bytes of the server are in memory; 0 where the system does not tell.
func (p *process) memory() (sum int64) {
	for _, id := range p.ids() {
		sum += memoryOf(id)
	}
	return sum
}

// programs is how many bytes the files of the server's programs have; 0 where the system does not tell.
func (p *process) programs() (sum int64) {
	seen := map[string]bool{}
	for _, id := range p.ids() {
		file, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", id))
		if err != nil || seen[file] {
			continue
		}
		seen[file] = true
		if info, err := os.Stat(file); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

func memoryOf(id int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			size, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return size << 10
		}
	}
	return 0
}

// metrics are what a server says about itself: values by series, added up where it is several processes.
type metrics map[string]float64

func (p *process) metrics(ctx context.Context) (metrics, error) {
	doors, m := p.doors, metrics{}
	if len(doors) == 0 {
		doors = []string{p.url}
	}
	for _, door := range doors {
		if err := m.add(ctx, door); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m metrics) add(ctx context.Context, door string) error {
	var text []byte
	if err := get(ctx, http.DefaultClient, door+"/metrics", "", &text); err != nil {
		return err
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		series, value, _ := strings.Cut(lines.Text(), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			m[series] += number
		}
	}
	return nil
}

// sum adds up the series of a name whose labels contain label.
func (m metrics) sum(name, label string) (sum float64) {
	for series, value := range m {
		if own, labels, _ := strings.Cut(series, "{"); own == name && strings.Contains(labels, label) {
			sum += value
		}
	}
	return sum
}

// since is what was added to every series after before.
func (m metrics) since(before metrics) metrics {
	added := metrics{}
	for series, value := range m {
		added[series] = value - before[series]
	}
	return added
}
