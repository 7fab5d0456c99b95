package config

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type settings struct {
	Deadline time.Duration `env:"PANGAEA_CHECKOUT_DEADLINE" default:"30s" doc:"when to give up"`
	Carrier  string        `env:"PANGAEA_CARRIER" default:"auto" oneof:"auto manual" doc:"who delivers"`
	Password string        `env:"PANGAEA_STAFF_PASSWORD" secret:"true" doc:"of the first staff account"`
	Demo     bool          `env:"PANGAEA_DEMO" default:"on" doc:"fill an empty shop"`
	Workers  int           `env:"PANGAEA_WORKERS" default:"4" doc:"how many at once"`
	Level    slog.Level    `env:"PANGAEA_LOG_LEVEL" default:"INFO" doc:"how much to log"`
}

func TestDefaultsCount(t *testing.T) {
	got, err := Section[settings](Of(nil))

	require.NoError(t, err)
	require.Equal(t, settings{Deadline: 30 * time.Second, Carrier: "auto", Demo: true, Workers: 4}, got)
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	c := written(t, "checkout:\n  deadline: 5s\ncarrier: manual\ndemo: off\nworkers: 9\n", "PANGAEA_CARRIER=auto")

	got, err := Section[settings](c)

	require.NoError(t, err)
	require.Equal(t, settings{Deadline: 5 * time.Second, Carrier: "auto", Workers: 9}, got)
	origins := map[string]string{}
	for _, s := range c.Settings() {
		origins[s.Name] = filepath.Base(s.Origin)
	}
	require.Equal(t, map[string]string{
		"PANGAEA_CARRIER": "environment", "PANGAEA_CHECKOUT_DEADLINE": "shop.yaml", "PANGAEA_DEMO": "shop.yaml",
		"PANGAEA_LOG_LEVEL": "default", "PANGAEA_STAFF_PASSWORD": "default", "PANGAEA_WORKERS": "shop.yaml",
	}, origins)
}

func TestAnEmptyValueStandsForTheDefault(t *testing.T) {
	c := written(t, "checkout_deadline: 5s\nworkers:\n", "PANGAEA_CHECKOUT_DEADLINE=", "PANGAEA_CARRIER=", "PANGAEA_STAFF_PASSWORD=")

	got, err := Section[settings](c)

	require.NoError(t, err)
	require.Equal(t, settings{Deadline: 30 * time.Second, Carrier: "auto", Demo: true, Workers: 4}, got)
}

func TestAWrongValueSaysWhatIsAllowed(t *testing.T) {
	for value, message := range map[[2]string]string{
		{"PANGAEA_CHECKOUT_DEADLINE", "soon"}: `PANGAEA_CHECKOUT_DEADLINE is "soon" (environment): must be a duration such as 500ms, 30s or 2h`,
		{"PANGAEA_CARRIER", "pigeon"}:         `PANGAEA_CARRIER is "pigeon" (environment): must be one of auto, manual`,
		{"PANGAEA_DEMO", "maybe"}:             `PANGAEA_DEMO is "maybe" (environment): must be on or off`,
		{"PANGAEA_WORKERS", "-1"}:             `PANGAEA_WORKERS is "-1" (environment): must be a whole number, not negative`,
	} {
		_, err := Section[settings](Of(map[string]string{value[0]: value[1]}))
		require.EqualError(t, err, message)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	c := Of(map[string]string{"PANGAEA_STAFF_PASSWORD": "canary"})
	got, err := Section[settings](c)
	require.NoError(t, err)
	require.Equal(t, "canary", got.Password)
	for _, s := range c.Settings() {
		require.NotContains(t, s.Shown(), "canary")
	}
}

func TestAWrongSecretIsNotShown(t *testing.T) {
	_, err := Section[struct {
		Key int `env:"PANGAEA_KEY" secret:"true" doc:"a secret number"`
	}](Of(map[string]string{"PANGAEA_KEY": "canary"}))
	require.EqualError(t, err, `PANGAEA_KEY is "***" (environment): must be a whole number, not negative`)
}

func TestSettingsOfOneConfigurationAreValuedByAnother(t *testing.T) {
	asked, real := Of(nil), Of(map[string]string{"PANGAEA_CARRIER": "pigeon", "PANGAEA_DEMO": "off"})
	_, err := Section[settings](asked)
	require.NoError(t, err)

	real.Declare(asked.Settings())

	values := map[string]string{}
	for _, s := range real.Settings() {
		values[s.Name] = s.Shown()
		if s.Name == "PANGAEA_CARRIER" {
			require.ErrorContains(t, s.Err(), "must be one of auto, manual")
		}
	}
	require.Equal(t, "off", values["PANGAEA_DEMO"])
	require.Equal(t, "30s", values["PANGAEA_CHECKOUT_DEADLINE"])
}

func TestWhatNobodyAsksForIsReported(t *testing.T) {
	c := written(t, "carier: manual\ncolour: blue\n", "PANGAEA_DEMOS=off", "PANGAEA_SERVICE_HOST=10.0.0.1")
	_, err := Section[settings](c)
	require.NoError(t, err)

	err = c.CheckUnknown()

	require.ErrorContains(t, err, "PANGAEA_DEMOS (environment) is not a setting: did you mean PANGAEA_DEMO?")
	require.ErrorContains(t, err, "did you mean PANGAEA_CARRIER?")
	require.ErrorContains(t, err, "colour in ")
	require.NotContains(t, err.Error(), "SERVICE_HOST")
	require.Equal(t, []string{"PANGAEA_SERVICE_HOST"}, c.Ignored())
}

func TestAMissingFileStopsTheStart(t *testing.T) {
	_, err := load(func() []string { return []string{"PANGAEA_CONFIG=/nowhere.yaml"} })
	require.ErrorContains(t, err, "PANGAEA_CONFIG")
}

func written(t *testing.T, file string, variables ...string) *Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.yaml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	c, err := load(func() []string { return append(variables, "PANGAEA_CONFIG="+path) })
	require.NoError(t, err)
	return c
}
