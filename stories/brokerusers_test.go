package stories

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A staffed broker has an administrator, and is prepared by the operator's command.
type staffed struct {
	*shop
	broker     *rabbitmqtest.Broker
	management string // its URL
	name, file string
}

func staff(t *testing.T) *staffed {
	port := rabbitmqtest.FreePort(t)
	broker := rabbitmqtest.Own(t, rabbitmqtest.Setup{
		Config: "management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = " + port, Plugins: []string{"rabbitmq_management"},
	})
	s := &staffed{shop: &shop{t: t, env: append(os.Environ(), broker.Env()...)}, broker: broker, management: "http://guest:guest@127.0.0.1:" + port}
	s.calls("shop")
	eventually(t, func() bool {
		response, err := http.Get(s.management + "/api/overview")
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil && response.StatusCode == http.StatusOK
	}, "the broker has no management")
	return s
}

// calls has what is prepared next begin with a name.
func (s *staffed) calls(name string) {
	s.name, s.file = name, filepath.Join(s.t.TempDir(), "pangaea.yaml")
}

// prepares runs the command, expects its exit code and that it tells no password, and returns what it says.
func (s *staffed) prepares(code int, args ...string) string {
	s.t.Helper()
	out, got := s.pangaea(append([]string{"bus", "prepare", "--name", s.name, "--out", s.file, "--broker", "amqp://" + s.broker.Address()}, args...)...)
	require.Equal(s.t, code, got, out)
	if _, err := os.Stat(s.file); err == nil {
		for _, address := range s.urls() {
			require.NotContains(s.t, out, passwordOf(s.t, address))
		}
		requireMode(s.t, s.file)
	}
	return out
}

// shows runs the command that asks the broker, with the file of settings.
func (s *staffed) shows(code int) string {
	s.t.Helper()
	asked := &shop{t: s.t, env: append(os.Environ(), "PANGAEA_CONFIG="+s.file)}
	out, got := asked.pangaea("bus", "show")
	require.Equal(s.t, code, got, out)
	return out
}

// urls are those of the modules, as the file has them.
func (s *staffed) urls() map[string]string {
	s.t.Helper()
	text, err := os.ReadFile(s.file)
	require.NoError(s.t, err)
	urls := map[string]string{}
	for _, setting := range regexp.MustCompile(`(?m)^(\w+)_bus_url: "(.*)"$`).FindAllStringSubmatch(string(text), -1) {
		urls[setting[1]] = setting[2]
	}
	require.Len(s.t, urls, 7, "%s", text)
	return urls
}

// manages asks the broker's management as somebody, and returns the status of its answer.
func (s *staffed) manages(as, method, path string, body any) int {
	s.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(s.t, err)
	request, err := http.NewRequest(method, as+path, bytes.NewReader(text))
	require.NoError(s.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	return response.StatusCode
}

// The whole shop over a broker where each module has a user that can do nothing but its work.
func TestEveryModuleHasAUserOfItsOwn(t *testing.T) {
	t.Parallel()
	if !rabbitmqtest.Installed(t) {
		return
	}
	s := staff(t)
	admin := []string{"--admin", s.management}
	require.Contains(t, s.prepares(0, append(admin, "--dry-run")...), "Nothing was done")
	require.NoFileExists(t, s.file)
	require.Regexp(t, `(?m)^identity +shop_identity +nobody +created$`, s.prepares(0, admin...))
	require.Contains(t, s.prepares(0, admin...), "nothing was done")
	require.Regexp(t, `(?m)^ordering +0 +0 +0 +nothing$`, s.shows(0))

	shop := open(t, "PANGAEA_CONFIG="+s.file)
	listens := regexp.MustCompile(`(?m)^ordering +\d+ +0 +1 +nothing$`)
	eventually(t, func() bool { return listens.MatchString(s.shows(0)) }, "nobody listens for ordering")
	shop.staff().sells("MUG", 799, 10)
	ada := shop.customer("ada")
	ada.becomes(ada.place("tok_approve", "MUG", 3).ID, "delivered")
	ada.settles(ada.place("tok_decline", "MUG", 1).ID)
	shop.isSound()
	shop.stop()
	require.NotContains(t, shop.out.String(), "RabbitMQ")
	require.Contains(t, s.prepares(0, admin...), "nothing was done")

	s.takesBack(admin)
	s.givesNewPasswords(admin)

	s.calls("other")
	ctl := []string{"--admin", rabbitmqtest.Ctl(t)}
	require.Regexp(t, `(?m)created$`, s.prepares(0, ctl...))
	require.Contains(t, s.prepares(0, admin...), "nothing was done", "the same broker")
	s.carries()

	s.calls("loaded")
	definitions := filepath.Join(t.TempDir(), "definitions.json")
	require.Regexp(t, `(?m)created$`, s.prepares(0, "--definitions", definitions))
	before, err := os.ReadFile(definitions)
	require.NoError(t, err)
	require.Contains(t, s.prepares(0, "--definitions", definitions), "nothing was done")
	after, err := os.ReadFile(definitions)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	s.broker.Control("import_definitions", definitions)
	require.Contains(t, s.prepares(0, admin...), "nothing was done")
	s.carries()
}

// takesBack has somebody grant things, and the command take them back.
func (s *staffed) takesBack(admin []string) {
	t, urls := s.t, s.urls()
	all := map[string]string{"configure": ".*", "write": ".*", "read": ".*"}
	as := strings.Replace(s.management, "guest:guest", s.name+"_catalog:"+passwordOf(t, urls["catalog"]), 1)
	require.Equal(t, http.StatusUnauthorized, s.manages(as, http.MethodGet, "/api/overview", nil), "a module may not manage")
	s.manages(s.management, http.MethodPut, "/api/permissions/shop/shop_ordering", all)
	s.manages(s.management, http.MethodPut, "/api/permissions/%2F/shop_payments", all)
	s.manages(s.management, http.MethodPut, "/api/topic-permissions/shop/shop_shipping", map[string]string{"exchange": "amq.topic", "write": ".*", "read": ".*"})
	s.manages(s.management, http.MethodPut, "/api/users/shop_catalog", map[string]string{"password": passwordOf(t, urls["catalog"]), "tags": "administrator"})
	require.Equal(t, http.StatusOK, s.manages(as, http.MethodGet, "/api/overview", nil))
	s.manages(s.management, http.MethodDelete, "/api/queues/shop/inventory", nil)
	s.manages(s.management, http.MethodPut, "/api/queues/shop/spy", map[string]any{"durable": true})

	require.Regexp(t, `(?m)^inventory +0 +0 +0 +queue inventory$`, s.shows(1))
	would := s.prepares(0, append(admin, "--dry-run")...)
	require.Contains(t, would, "Nothing was done")
	out := s.prepares(0, admin...)
	require.Equal(t, strings.Split(would, "\n")[1:8], strings.Split(out, "\n")[1:8])
	for _, module := range []string{"catalog", "ordering", "payments", "shipping"} {
		require.Regexp(t, `(?m)^`+module+` .*rights corrected$`, out)
	}
	require.Regexp(t, `(?m)^inventory .*completed$`, out)
	require.Regexp(t, `(?m)^identity .*as it was$`, out)
	require.Contains(t, out, "queue spy")
	require.Contains(t, out, "user guest: configure \".*\"")
	require.Equal(t, http.StatusUnauthorized, s.manages(as, http.MethodGet, "/api/overview", nil))
	require.Contains(t, s.prepares(0, admin...), "nothing was done")
}

// givesNewPasswords loses the file, and asks for another.
func (s *staffed) givesNewPasswords(admin []string) {
	t, former, lost := s.t, s.urls(), s.file
	s.file = filepath.Join(t.TempDir(), "other.yaml")
	require.Contains(t, s.prepares(2, admin...), "--rotate")
	require.NoFileExists(t, s.file)
	s.file = lost
	require.Equal(t, 7, strings.Count(s.prepares(0, append(admin, "--rotate")...), "new password\n"))
	for module, address := range s.urls() {
		require.NotEqual(t, former[module], address)
	}
	_, err := amqp.Dial(former["ordering"])
	require.ErrorIs(t, err, amqp.ErrCredentials)
	s.carries()

	wrong := strings.Replace(s.management, "guest:guest", "guest:geheim", 1)
	out := s.prepares(2, "--admin", wrong)
	require.Contains(t, out, `does not let "guest" administer it`)
	require.NotContains(t, out, "geheim")
}

// carries has what ordering says be heard by inventory, as their users.
func (s *staffed) carries() {
	t := s.t
	t.Helper()
	urls := s.urls()
	end := func(module string) *rabbitmq.Carrier {
		c, err := rabbitmq.New(urls[module], rabbitmq.Options{Sources: s.subscriptions().Sources, Declare: 50 * time.Millisecond})
		require.NoError(t, err)
		return c
	}
	ordering, inventory := end("ordering"), end("inventory")
	heard, err := inventory.Subscribe(t.Context(), "inventory")
	require.NoError(t, err)
	m := message.NewMessage("1", nil)
	m.Metadata[envelope.Source] = "ordering"
	require.NoError(t, ordering.Publish("inventory", m))
	(<-heard).Ack()
	require.NoError(t, ordering.Close())
	require.NoError(t, inventory.Close())
}

// What cannot be prepared is said in a line, and nothing has changed.
func TestPreparingABrokerRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	shop := &shop{t: t, env: append(os.Environ(), "PATH="+folder)}
	out := filepath.Join(folder, "x.yaml")
	odd := filepath.Join(folder, "odd.json")
	require.NoError(t, os.WriteFile(odd, []byte(`{"policies":[]}`), 0o600))
	for said, args := range map[string][]string{
		"--out which file":          {"--admin", "http://h"},
		"a small letter":            {"--name", "Pan gaea", "--out", out},
		"over AMQP no users":        {"--admin", "amqp://u:geheim@h", "--out", out},
		"cannot be read":            {"--admin", "http://u:geheim%zz@h", "--out", out},
		"cannot be reached":         {"--admin", "http://u:geheim@127.0.0.1:1", "--out", out},
		"how rabbitmqctl is called": {"--out", out},
		"give one of them":          {"--admin", "http://h", "--definitions", "y", "--out", out},
		"was not written here":      {"--definitions", odd, "--out", out},
		"--broker is where":         {"--definitions", "y", "--broker", "amqp://u:geheim@h", "--out", out},
		"unknown flag":              {"--nonsense"},
		"unknown command":           {"nonsense"},
	} {
		out, code := shop.pangaea(append([]string{"bus", "prepare"}, args...)...)
		require.Equal(t, 2, code, "%s: %s", args, out)
		require.Contains(t, out, said)
		require.Equal(t, 1, strings.Count(out, "\n"), "more than a line: %s", out)
		require.NotContains(t, out, "geheim")
	}
	require.NoFileExists(t, out)
}
