package supervisor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// A program is one that runs, or is about to again.
type program struct {
	Program
	options Options
	socket  *os.File
	out     *line

	mu      sync.Mutex
	command *exec.Cmd
	ended   chan struct{} // closed when the command has
	wanted  bool          // it is to be started again at once
	told    chan struct{} // closed when it is told to stop: it is not started again
}

func newProgram(p Program, options Options, socket *os.File, out *line) *program {
	if p.Grace == 0 {
		p.Grace = 20 * time.Second
	}
	return &program{Program: p, options: options, socket: socket, out: out, told: make(chan struct{})}
}

// start starts it.
func (p *program) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping() {
		return nil
	}
	command := exec.Command(p.Path)
	command.Env, command.Stdout, command.Stderr = p.Env, p.out, p.out
	if p.socket != nil {
		command.ExtraFiles = []*os.File{p.socket}
	}
	if err := begin(command); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	ended := make(chan struct{})
	p.command, p.ended, p.wanted = command, ended, false
	go func() {
		_ = command.Wait() // its state says how it ended
		close(ended)
	}()
	return nil
}

// keepRunning starts it again whenever it ends, until it is told to stop.
func (p *program) keepRunning() {
	for pause := p.options.Pause; ; {
		began := time.Now()
		command, ended := p.now()
		<-ended
		p.out.flush()
		if p.stopping() {
			return
		}
		if time.Since(began) > 10*time.Second {
			pause = p.options.Pause
		}
		if !p.asked() {
			p.out.say("ended by itself (%s): it is started again in %s", command.ProcessState, pause)
			select {
			case <-time.After(pause):
			case <-p.told:
				return
			}
			pause = min(2*pause, 5*time.Second)
		}
		if err := p.start(); err != nil {
			p.out.say("%v", err)
		}
	}
}

func (p *program) now() (*exec.Cmd, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.command, p.ended
}

// asked reports whether it ended because it was asked to, to be started again.
func (p *program) asked() (wanted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	wanted, p.wanted = p.wanted, false
	return wanted
}

// stopping reports whether it is told to stop.
func (p *program) stopping() bool {
	select {
	case <-p.told:
		return true
	default:
		return false
	}
}

// ready returns when it is, or when ctx ends; with first also when it has ended by itself.
func (p *program) ready(ctx context.Context, first bool) error {
	command, ended := p.now()
	if !first {
		ended = nil
	}
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		if p.Ready == "" || answers(ctx, p.Ready) {
			return nil
		}
		select {
		case <-look.C:
		case <-ended:
			return fmt.Errorf("%s does not start (%s): %s", p.Name, command.ProcessState, p.out.last())
		case <-ctx.Done():
			return fmt.Errorf("%s does not become ready: %w", p.Name, ctx.Err())
		}
	}
}

// restart has it stop and start again, and returns when it is ready.
func (p *program) restart(ctx context.Context) error {
	p.mu.Lock()
	p.wanted = true
	command, former := p.command, p.ended
	p.mu.Unlock()
	p.end(command, former)
	ctx, cancel := context.WithTimeout(ctx, p.options.Limit)
	defer cancel()
	for { // until keepRunning has seen to it
		if _, ended := p.now(); ended != former {
			return p.ready(ctx, false)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%s is not restarted: %w", p.Name, ctx.Err())
		}
	}
}

// stop tells it to stop, and returns when it has ended.
func (p *program) stop() {
	p.mu.Lock()
	close(p.told)
	command, ended := p.command, p.ended
	p.mu.Unlock()
	if ended != nil {
		p.end(command, ended)
	}
}

// end asks it to end, and kills it where it takes too long.
func (p *program) end(command *exec.Cmd, ended <-chan struct{}) {
	_ = command.Process.Signal(syscall.SIGTERM) // one that has ended needs none
	select {
	case <-ended:
	case <-time.After(p.Grace):
		p.out.say("does not stop within %s and is killed", p.Grace)
		_ = command.Process.Kill()
		<-ended
	}
}

func (p *program) signal(signal os.Signal) {
	if command, _ := p.now(); command != nil {
		_ = command.Process.Signal(signal) // one that has ended needs none
	}
}
