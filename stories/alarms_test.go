package stories

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/stretchr/testify/require"
)

var (
	measurement = regexp.MustCompile(`\b(?:pangaea|http|promhttp)_\w+`)
	selector    = regexp.MustCompile(`(\w+)\{([^}]*)\}`)
	condition   = regexp.MustCompile(`(\w+)=~?"([^"]*)"`)
	grouping    = regexp.MustCompile(`by \(([^)]*)\)`)
)

// An alarm on something that nobody measures never rings.
func TestAlarmsRingForWhatIsMeasured(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("../deploy/prometheus/pangaea.rules.yml")
	require.NoError(t, err)
	operations, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	shop := open(t)
	shop.staff().sells("BELL", 700, 1)
	ada := shop.customer("ada")
	ada.becomes(ada.place("tok_approve", "BELL", 1).ID, "delivered")
	metrics := shop.nobody().call(http.MethodGet, "/metrics", nil).body
	measures := func(alarm, series string) {
		t.Helper()
		require.True(t, regexp.MustCompile(`(?m)^`+series).Match(metrics), "%s: nobody measures %s", alarm, series)
	}

	for name, expression := range alarms(t, rules) {
		measured := measurement.FindAllString(expression, -1)
		for _, metric := range measured {
			measures(name, metric+`[ {]`)
		}
		for _, selected := range selector.FindAllStringSubmatch(expression, -1) {
			for _, c := range condition.FindAllStringSubmatch(selected[2], -1) {
				if value := c[2]; selected[1] != "up" && value != "5.." { // which nobody has got, it is to be hoped
					measures(name, selected[1]+`\{[^}]*\b`+c[1]+`="(?:`+value+`)"`)
				}
			}
		}
		for _, labels := range grouping.FindAllStringSubmatch(expression, -1) {
			for label := range strings.SplitSeq(labels[1], ", ") {
				measures(name, measured[0]+`\{[^}]*\b`+label+`="`)
			}
		}
		require.True(t, len(measured) > 0 || strings.HasPrefix(expression, "up{"), "%s: %s", name, expression)
		explained := strings.Contains(string(operations), "`"+strings.ReplaceAll(expression, "|", `\|`)+"`")
		require.True(t, explained, "docs/operations.md does not explain %s: %s", name, expression)
	}
}

// alarms are the expressions of a rules file, by name.
func alarms(t *testing.T, file []byte) map[string]string {
	t.Helper()
	document, err := yaml.Parser().Unmarshal(file)
	require.NoError(t, err)
	found := map[string]string{}
	for _, group := range document["groups"].([]any) {
		for _, rule := range group.(map[string]any)["rules"].([]any) {
			rule := rule.(map[string]any)
			found[rule["alert"].(string)] = rule["expr"].(string)
			require.Contains(t, rule, "labels")
			require.Contains(t, rule, "annotations")
		}
	}
	require.NotEmpty(t, found)
	return found
}
