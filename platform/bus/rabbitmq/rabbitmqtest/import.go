package rabbitmqtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// Import has the broker of all tests take definitions of a virtual host and its users, until the test ends. It reports
// whether that is possible: who tests has to be one who may administer it.
func Import(t testing.TB, d rabbitmq.Definitions) bool {
	t.Helper()
	definitions, err := json.Marshal(d)
	require.NoError(t, err)
	var vhosts, users []string
	for _, vhost := range d.VirtualHosts {
		vhosts = append(vhosts, vhost.Name)
	}
	for _, user := range d.Users {
		users = append(users, user.Name)
	}
	if err := administer(definitions, "import_definitions"); err != nil {
		_ = forget(vhosts, users)
		return refused(t, err)
	}
	t.Cleanup(func() { require.NoError(t, forget(vhosts, users)) })
	return true
}

// Forget has a virtual host and users be gone when the test ends, which what is tested makes on the broker of all
// tests. It reports whether that is possible: see [Import].
func Forget(t testing.TB, vhost string, users ...string) bool {
	t.Helper()
	if err := administer(nil, "list_vhosts"); err != nil {
		return refused(t, err)
	}
	t.Cleanup(func() {
		if err := forget([]string{vhost}, users); !t.Failed() { // who fails may have made none
			require.NoError(t, err)
		}
	})
	return true
}

// refused says that nothing was tested, which on CI is a failure.
func refused(t testing.TB, err error) bool {
	t.Helper()
	fmt.Fprintf(os.Stderr, "%s: not tested: who tests may not administer the RabbitMQ on this machine: %v\n", t.Name(), err)
	if os.Getenv("CI") == "true" {
		t.Error(err)
	}
	return false
}

// forget removes everything at once: rabbitmqctl takes its time.
func forget(vhosts, users []string) error {
	var statements []string
	for _, vhost := range vhosts {
		statements = append(statements, fmt.Sprintf("rabbit_vhost:delete(<<%q>>, <<\"tests\">>)", vhost))
	}
	for _, user := range users {
		statements = append(statements, fmt.Sprintf("rabbit_auth_backend_internal:delete_user(<<%q>>, <<\"tests\">>)", user))
	}
	return administer(nil, "eval", strings.Join(statements, ", ")+".")
}

func administer(input []byte, args ...string) error {
	command := exec.Command("rabbitmqctl", args...)
	command.Stdin = bytes.NewReader(input)
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("rabbitmqctl %s: %w: %s", args[0], err, said)
	}
	return nil
}

// House is the URL of a virtual host of the broker of all tests that is there until the test ends. It reports whether
// there is one: see [Import].
func House(t testing.TB) (address string, there bool) {
	t.Helper()
	u, err := url.Parse(URL())
	require.NoError(t, err)
	name := "pangaea-test-" + uuid.NewString()[:8]
	there = Import(t, rabbitmq.Definitions{
		VirtualHosts: []rabbitmq.VirtualHost{{Name: name}},
		Grants:       []rabbitmq.Grant{{User: u.User.Username(), VirtualHost: name, Configure: ".*", Write: ".*", Read: ".*"}},
	})
	u.Path = "/" + name
	return u.String(), there
}

// As is the URL of a broker for somebody else.
func As(t testing.TB, address, vhost, user, password string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	u.User, u.Path = url.UserPassword(user, password), "/"+vhost
	return u.String()
}
