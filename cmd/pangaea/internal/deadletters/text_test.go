package deadletters_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/deadletters"
)

func TestADiffShowsWhatDiffers(t *testing.T) {
	for _, x := range []struct{ before, after, shown string }{
		{`{"a":1,"b":2,"c":3}`, `{"a":1,"b":5,"c":3}`, "  {\n    \"a\": 1,\n-   \"b\": 2,\n+   \"b\": 5,\n    \"c\": 3\n  }\n"},
		{`[1,2,3,4]`, `[0,2,4]`, "  [\n-   1,\n+   0,\n    2,\n-   3,\n    4\n  ]\n"},
		{`{}`, `{}`, "  {}\n"},
		{`what?`, `{}`, "- what?\n+ {}\n"},
	} {
		require.Equal(t, x.shown, deadletters.Diff([]byte(x.before), []byte(x.after)))
	}
	long := "[" + strings.Repeat("1,", 5000) + "1]"
	require.Equal(t, 10002, strings.Count(deadletters.Diff([]byte(long), []byte(strings.ReplaceAll(long, "1", "2"))), "\n")-2)
}

// What a customer or a stranger wrote does nothing to the operator's terminal.
func TestTextIsSafeForATerminal(t *testing.T) {
	evil := "\x1b[2J\u202e\u009b31m\x07"
	l := deadletters.Letter{
		ID: "cat/" + evil, Kind: deadletters.Message, Name: evil, Key: evil, State: deadletters.Parked, Error: evil + "\n\tat " + evil,
		Metadata: map[string]string{evil: evil}, Payload: `{"a":"` + evil + `"}`, Source: evil,
	}
	var out strings.Builder
	require.NoError(t, deadletters.Table(&out, []deadletters.Letter{l}))
	require.NoError(t, deadletters.Sheet(&out, l, []deadletters.Letter{l}, true))
	require.NoError(t, deadletters.Groups(&out, deadletters.Tally([]deadletters.Letter{l})))
	out.WriteString(deadletters.Diff([]byte(l.Payload), []byte("{}")))
	for _, r := range "\x1b\u202e\u009b\x07\t" {
		require.NotContains(t, out.String(), string(r))
	}
}

func TestATallyPutsTogetherWhatIsTheSame(t *testing.T) {
	letter := func(module, text string) deadletters.Letter {
		return deadletters.Letter{Module: module, Kind: deadletters.Task, Name: "walk", Error: text}
	}
	require.Equal(t, []deadletters.Group{
		{"cat", deadletters.Task, "walk", "it rains", 1},
		{"dog", deadletters.Task, "walk", "dog … is ill", 2},
		{"dog", deadletters.Task, "walk", "", 1},
	}, deadletters.Tally([]deadletters.Letter{
		letter("dog", ""), letter("dog", "dog 0199c0de-0000-7000-8000-000000000001 is ill\nat home"),
		letter("cat", "it rains"), letter("dog", "dog 0199c0de-0000-7000-8000-000000000002 is ill"),
	}))
}
