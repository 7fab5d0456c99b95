package broker

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// A control is how rabbitmqctl is called: perhaps with --node, perhaps in a container.
type control []string

func (c control) definitions(ctx context.Context) (d rabbitmq.Definitions, err error) {
	out, err := c.run(ctx, nil, "export_definitions", "-")
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(out, &d); err != nil {
		return d, fmt.Errorf("%s says nothing that can be understood here: %w", strings.Join(c, " "), err)
	}
	return d, nil
}

func (c control) define(ctx context.Context, d rabbitmq.Definitions) error {
	text, err := json.Marshal(d)
	if err == nil {
		_, err = c.run(ctx, text, "import_definitions")
	}
	return err
}

func (c control) revoke(ctx context.Context, vhost, user string) error {
	_, err := c.run(ctx, nil, "clear_permissions", "-p", vhost, user)
	return err
}

func (c control) revokeTopics(ctx context.Context, vhost, user string) error {
	_, err := c.run(ctx, nil, "clear_topic_permissions", "-p", vhost, user)
	return err
}

func (c control) run(ctx context.Context, input []byte, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, c[0], append(append(c[1:len(c):len(c)], "--quiet"), args...)...)
	var out, wrong bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(input), &out, &wrong
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", strings.Join(c, " "), args[0], err, gist(cmp.Or(wrong.String(), out.String())))
	}
	return out.Bytes(), nil
}

// gist is the beginning of what rabbitmqctl says when something is wrong, which goes on for a page.
func gist(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
	return strings.Join(lines[:min(2, len(lines))], " ")
}
