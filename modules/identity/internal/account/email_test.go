package account_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func TestAnAddressHasOneSpelling(t *testing.T) {
	for input, want := range map[string]string{
		"ada@example.org":                        "ada@example.org",
		"  Ada@Example.ORG\t":                    "ada@example.org",
		"Jose\u0301@example.org":                 "jos\u00e9@example.org",
		"JOSÉ@EXAMPLE.ORG":                       "josé@example.org",
		"a+b_c-d.e@sub.example.org":              "a+b_c-d.e@sub.example.org",
		strings.Repeat("a", 64) + "@example.org": strings.Repeat("a", 64) + "@example.org",
		"用户@例子.广告":                               "用户@例子.广告",
		"x@" + strings.Repeat("d", 248) + ".org": "x@" + strings.Repeat("d", 248) + ".org",
	} {
		got, err := account.NormalEmail(input)
		require.NoError(t, err, input)
		require.Equal(t, want, got)
	}
}

func TestWhatIsNoAddressIsRefused(t *testing.T) {
	for _, input := range []string{
		"", " ", "ada", "@", "ada@", "@example.org", "a@b@c", "a da@example.org", "ada@example.org\r\nBcc: x@y.z",
		"ada@exam\x00ple.org", "Ada <ada@example.org>", "\"a\"@example.org", "a,b@example.org", "ada@example.org\u202e",
		"\xff@example.org", strings.Repeat("a", 65) + "@example.org", "x@" + strings.Repeat("d", 249) + ".org",
		strings.Repeat("a", 1<<20) + "@example.org",
	} {
		_, err := account.NormalEmail(input)
		require.True(t, fault.Is(err, fault.Invalid), "%.40q", input)
	}
}

func TestNormalisingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, err := account.NormalEmail(rapid.String().Draw(t, "local") + "@" + rapid.String().Draw(t, "domain"))
		if err != nil {
			return
		}
		twice, err := account.NormalEmail(once)
		require.NoError(t, err)
		require.Equal(t, once, twice)
	})
}

func TestANameIsOneToTwoHundredCharacters(t *testing.T) {
	name, err := account.NormalName(" Ada Lovelace ")
	require.NoError(t, err)
	require.Equal(t, "Ada Lovelace", name)
	for _, input := range []string{"", "  ", strings.Repeat("é", 201), "Ada\r\nBcc: x", "a\x00b", "\xff"} {
		_, err := account.NormalName(input)
		require.True(t, fault.Is(err, fault.Invalid), "%.40q", input)
	}
}
