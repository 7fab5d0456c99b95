package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A mint makes tokens, good and bad, and publishes the keys of the good ones.
type mint struct {
	keys    map[string]ed25519.PrivateKey
	fetches atomic.Int64
	down    bool
}

func newMint(t testing.TB, kids ...string) *mint {
	t.Helper()
	m := &mint{keys: map[string]ed25519.PrivateKey{}}
	for _, kid := range kids {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		require.NoError(t, err)
		m.keys[kid] = private
	}
	return m
}

func (m *mint) JWKS(context.Context) ([]byte, error) {
	m.fetches.Add(1)
	if m.down {
		return nil, errors.New("not reachable")
	}
	var keys []string
	for kid, key := range m.keys {
		keys = append(keys, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q}`, kid, b64(key.Public().(ed25519.PublicKey))))
	}
	return []byte(`{"keys":[` + strings.Join(keys, ",") + `,{"kty":"RSA","n":"x","e":"AQAB"}]}`), nil
}

// token signs header and claims exactly as they are written.
func (m *mint) token(kid, header, claims string) string {
	unsigned := b64([]byte(header)) + "." + b64([]byte(claims))
	return unsigned + "." + b64(ed25519.Sign(m.keys[kid], []byte(unsigned)))
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const goodHeader = `{"alg":"EdDSA","typ":"at+jwt","kid":"a"}`

// claims returns good claims with some members written differently; "" leaves a member out.
func claims(changes map[string]string) string {
	members := map[string]string{
		"iss": `"pangaea"`, "aud": `"pangaea"`, "sub": `"alice"`, "roles": `["customer"]`, "scope": `"import"`,
		"iat": fmt.Sprint(noon.Unix()), "exp": fmt.Sprint(noon.Unix() + 300), "jti": `"1"`,
	}
	maps.Copy(members, changes)
	var written []string
	for name, value := range members {
		if value != "" {
			written = append(written, fmt.Sprintf("%q:%s", name, value))
		}
	}
	return "{" + strings.Join(written, ",") + "}"
}

func verifierAt(source KeySource, at *time.Time) *Verifier {
	return newVerifier(source, func() time.Time { return *at })
}

func TestAGoodTokenTellsWhoItIsFor(t *testing.T) {
	m, at := newMint(t, "a"), noon
	for _, audience := range []string{`"pangaea"`, `["pangaea"]`} {
		got, err := verifierAt(m, &at).Verify(t.Context(), m.token("a", goodHeader, claims(map[string]string{"aud": audience})))
		require.NoError(t, err)
		require.Equal(t, Principal{Subject: "alice", Roles: []string{"customer"}, Scopes: []string{"import"}}, got)
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	m, at := newMint(t, "a", "b"), noon
	good := m.token("a", goodHeader, claims(nil))
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	tokens := map[string]string{
		"empty": "", "dots": strings.Repeat(".", 1<<20), "long": good + strings.Repeat("A", maxToken), "two parts": head + "." + payload,
		"no signature": head + "." + payload + ".", "padded": head + "." + payload + "=." + signature,
		"other payload":  head + "." + b64([]byte(claims(map[string]string{"sub": `"bob"`}))) + "." + signature,
		"public as HMAC": hmacToken(m),
	}
	for name, header := range map[string]string{
		"none": `{"alg":"none","typ":"at+jwt","kid":"a"}`, "nOnE": `{"alg":"nOnE","typ":"at+jwt","kid":"a"}`,
		"RS256": `{"alg":"RS256","typ":"at+jwt","kid":"a"}`, "two algs": `{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"a"}`,
		"other key": `{"alg":"EdDSA","typ":"at+jwt","kid":"b"}`, "kid path": `{"alg":"EdDSA","typ":"at+jwt","kid":"../../dev/null"}`,
		"kid SQL": `{"alg":"EdDSA","typ":"at+jwt","kid":"' or 1=1"}`, "kid array": `{"alg":"EdDSA","typ":"at+jwt","kid":["a"]}`,
		"kid long": `{"alg":"EdDSA","typ":"at+jwt","kid":"` + strings.Repeat("a", 3000) + `"}`, "no kid": `{"alg":"EdDSA","typ":"at+jwt"}`,
		"ID token": `{"alg":"EdDSA","typ":"JWT","kid":"a"}`, "no type": `{"alg":"EdDSA","kid":"a"}`,
		"crit": `{"alg":"EdDSA","typ":"at+jwt","kid":"a","crit":["x"],"x":1}`, "not JSON": `x`,
		"own key": `{"alg":"EdDSA","typ":"at+jwt","jwk":{"kty":"OKP","crv":"Ed25519","x":"x"},"jku":"http://127.0.0.1/"}`,
	} {
		tokens["header "+name] = m.token("a", header, claims(nil))
	}
	for name, changes := range map[string]map[string]string{
		"foreign issuer": {"iss": `"evil"`}, "no issuer": {"iss": ""}, "foreign audience": {"aud": `"other"`}, "no audience": {"aud": ""},
		"expired": {"iat": "1", "exp": "2"}, "no expiry": {"exp": ""}, "float expiry": {"exp": fmt.Sprintf("%d.5", noon.Unix()+60)},
		"huge expiry": {"exp": "99999999999999"}, "text expiry": {"exp": `"soon"`}, "just expired": {"exp": fmt.Sprint(noon.Unix() - 61)},
		"not yet": {"nbf": fmt.Sprint(noon.Unix() + 61)}, "from the future": {"iat": fmt.Sprint(noon.Unix() + 61)}, "no issue time": {"iat": ""},
		"no subject": {"sub": ""}, "empty subject": {"sub": `""`}, "number as subject": {"sub": "1"}, "roles as text": {"roles": `"staff"`},
	} {
		tokens["claims "+name] = m.token("a", goodHeader, claims(changes))
	}
	verifier := verifierAt(m, &at)
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			_, err := verifier.Verify(t.Context(), token)
			require.True(t, fault.Is(err, fault.Unauthenticated), "%v", err)
			require.Less(t, len(err.Error()), 200, "quotes the token")
		})
	}
	require.EqualValues(t, 1, m.fetches.Load())
}

// hmacToken is signed with the public key as an HMAC secret, which a verifier that asks the token how to
// verify it would accept.
func hmacToken(m *mint) string {
	unsigned := b64([]byte(`{"alg":"HS256","typ":"at+jwt","kid":"a"}`)) + "." + b64([]byte(claims(nil)))
	mac := hmac.New(sha256.New, m.keys["a"].Public().(ed25519.PublicKey))
	mac.Write([]byte(unsigned))
	return unsigned + "." + b64(mac.Sum(nil))
}

func TestUnknownKeysAreAskedForOnceInTenSeconds(t *testing.T) {
	m, at := newMint(t, "a"), noon
	verifier := verifierAt(m, &at)
	flood := func() {
		for i := range 100 {
			header := fmt.Sprintf(`{"alg":"EdDSA","typ":"at+jwt","kid":"unknown-%d"}`, i)
			_, err := verifier.Verify(t.Context(), m.token("a", header, claims(nil)))
			require.Error(t, err)
		}
	}

	flood()
	require.EqualValues(t, 1, m.fetches.Load())
	at = at.Add(11 * time.Second)
	flood()
	require.EqualValues(t, 2, m.fetches.Load())
}

func TestKeysComeAndGo(t *testing.T) {
	m, at := newMint(t, "a"), noon
	verifier := verifierAt(m, &at)
	verify := func(kid string) error {
		_, err := verifier.Verify(t.Context(), m.token(kid, strings.Replace(goodHeader, `"a"`, `"`+kid+`"`, 1), claims(nil)))
		return err
	}
	require.NoError(t, verify("a"))

	at = at.Add(11 * time.Second)
	m.keys["b"] = newMint(t, "b").keys["b"]
	require.NoError(t, verify("b"), "a new key counts at once")

	m.down = true
	at = at.Add(2 * time.Minute)
	require.NoError(t, verify("a"), "known keys count while the source is away")

	m.down = false
	old := m.keys["a"]
	delete(m.keys, "a")
	at = at.Add(2 * time.Minute)
	require.NoError(t, verify("b"))
	m.keys["a"] = old
	require.Error(t, verify("a"), "a withdrawn key does not")
}

func TestATokenThatWasGoodExpiresAllTheSame(t *testing.T) {
	m, at := newMint(t, "a"), noon
	verifier := verifierAt(m, &at)
	token := m.token("a", goodHeader, claims(nil))
	for _, after := range []time.Duration{0, time.Minute, 299 * time.Second, 329 * time.Second} {
		at = noon.Add(after)
		got, err := verifier.Verify(t.Context(), token)
		require.NoError(t, err, after)
		require.Equal(t, "alice", got.Subject)
	}
	at = noon.Add(331 * time.Second)
	_, err := verifier.Verify(t.Context(), token)
	require.ErrorContains(t, err, "has expired")
}

func TestWhatIsKnownOfTokensHasABound(t *testing.T) {
	m := newMemory()
	m.remember("often", verified{kid: "a"})
	for i := range 10 * enough {
		m.remember(fmt.Sprint(i), verified{})
		if i%enough == 0 {
			_, ok := m.recall("often")
			require.True(t, ok, i)
		}
	}
	_, ok := m.recall("0")
	require.False(t, ok)
	require.LessOrEqual(t, len(m.recent)+len(m.past), 2*enough)
}

func TestATokenIsNotRefusedWhereTheKeysCannotBeHad(t *testing.T) {
	m, at := newMint(t, "a"), noon
	verifier := verifierAt(m, &at)
	m.down = true
	_, err := verifier.Verify(t.Context(), m.token("a", goodHeader, claims(nil)))
	require.True(t, fault.Is(err, fault.Unavailable), "%v", err)

	m.down = false
	at = at.Add(1100 * time.Millisecond)
	_, err = verifier.Verify(t.Context(), m.token("a", goodHeader, claims(nil)))
	require.NoError(t, err, "and is good as soon as they can")
}

// A slow source answers when it is told to.
type slow struct {
	*mint
	answer chan struct{}
}

func (s slow) JWKS(ctx context.Context) ([]byte, error) {
	<-s.answer
	return s.mint.JWKS(ctx)
}

func TestNobodyWaitsForKeysThatAreKnown(t *testing.T) {
	source, at := slow{newMint(t, "a", "b"), make(chan struct{}, 1)}, noon
	verifier := verifierAt(source, &at)
	verify := func() error {
		_, err := verifier.Verify(t.Context(), source.token("a", goodHeader, claims(nil)))
		return err
	}
	source.answer <- struct{}{}
	require.NoError(t, verify())

	at = at.Add(61 * time.Second)
	for range 100 {
		require.NoError(t, verify(), "while the source thinks")
	}
	old := source.keys["a"]
	delete(source.keys, "a")
	source.answer <- struct{}{}
	require.Eventually(t, func() bool {
		_, err := verifier.keys.key(t.Context(), "a")
		return err != nil
	}, 30*time.Second, time.Millisecond, "a withdrawn key goes")
	source.keys["a"] = old
	require.EqualValues(t, 2, source.fetches.Load())
}

func TestNobodyIsBelievedWhileOldKeysAreInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, at := slow{newMint(t, "a", "b"), make(chan struct{}, 1)}, noon
		token := source.token("a", goodHeader, claims(nil))
		verifier := verifierAt(source, &at)
		source.answer <- struct{}{}
		_, err := verifier.Verify(t.Context(), token)
		require.NoError(t, err)

		at = at.Add(waitAfter)
		delete(source.keys, "a")
		answers := make(chan error, 2)
		for range 2 {
			go func() { _, err := verifier.Verify(t.Context(), token); answers <- err }()
			synctest.Wait()
		}
		require.Empty(t, answers, "the second waits as well")
		source.answer <- struct{}{}
		require.Error(t, <-answers)
		require.Error(t, <-answers)
	})
}

func FuzzVerify(f *testing.F) {
	m, at := newMint(f, "a"), noon
	verifier := verifierAt(m, &at)
	good := m.token("a", goodHeader, claims(nil))
	for _, seed := range []string{good, good[:len(good)-3], "a.b.c", "..", strings.Repeat(".", 100), b64([]byte(goodHeader)) + ".e30."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := verifier.Verify(t.Context(), token); err == nil && token != good {
			t.Fatalf("accepted %q", token)
		}
	})
}
