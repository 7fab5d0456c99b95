package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

func TestSumsAreExactOrRefused(t *testing.T) {
	operations := map[string]struct {
		ours  func(a, b int64) (money.Money, error)
		exact func(a, b *big.Int) *big.Int
	}{
		"add": {
			func(a, b int64) (money.Money, error) { return money.New(a, "GBP").Add(money.New(b, "GBP")) },
			func(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) },
		},
		"subtract": {
			func(a, b int64) (money.Money, error) { return money.New(a, "GBP").Sub(money.New(b, "GBP")) },
			func(a, b *big.Int) *big.Int { return new(big.Int).Sub(a, b) },
		},
		"multiply": {
			func(a, b int64) (money.Money, error) { return money.New(a, "GBP").Mul(b) },
			func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) },
		},
	}
	edges := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-4, 4),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, math.MaxInt64 - 1, 1 << 31, 1 << 32}))
	for name, operation := range operations {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			a, b := edges.Draw(t, "a"), edges.Draw(t, "b")
			exact := operation.exact(big.NewInt(a), big.NewInt(b))
			got, err := operation.ours(a, b)
			if !exact.IsInt64() {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, exact.Int64(), got.Amount)
		}))
	}
}

func TestPartsSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := money.New(rapid.Int64().Draw(t, "whole"), "GBP")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 20).Draw(t, "weights")
		parts, err := whole.Allocate(weights)
		require.NoError(t, err)

		sum := new(big.Int)
		for i, part := range parts {
			sum.Add(sum, big.NewInt(part.Amount))
			if i > 0 && weights[i] == 0 {
				require.Zero(t, part.Amount, "a part without weight gets nothing")
			}
		}
		require.Equal(t, whole.Amount, sum.Int64())
	})
}

func TestThreeWaysToSplitAPound(t *testing.T) {
	parts, err := money.New(100, "GBP").Allocate([]int64{1, 1, 1})
	require.NoError(t, err)
	require.Equal(t, []money.Money{money.New(34, "GBP"), money.New(33, "GBP"), money.New(33, "GBP")}, parts)

	_, err = money.New(100, "GBP").Allocate(nil)
	require.Error(t, err)
	_, err = money.New(100, "GBP").Allocate([]int64{1, -1})
	require.Error(t, err)
}

func TestTwoCurrenciesDoNotMix(t *testing.T) {
	_, err := money.New(1, "GBP").Add(money.New(1, "EUR"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "0.01 GBP and 0.01 EUR are two currencies")
	require.NoError(t, money.New(1, "GBP").Check())
	require.Error(t, money.New(1, "XXQ").Check())
}

func TestWrittenAndRead(t *testing.T) {
	for _, c := range []struct {
		decimal, currency string
		amount            int64
	}{
		{"0.00", "GBP", 0},
		{"2.55", "GBP", 255},
		{"-0.05", "GBP", -5},
		{"13541.33", "GBP", 1354133},
		{"500", "JPY", 500},
		{"1.234", "KWD", 1234},
		{"0.0001", "CLF", 1},
		{"92233720368547758.07", "GBP", math.MaxInt64},
	} {
		got, err := money.Parse(c.decimal, c.currency)
		require.NoError(t, err, c.decimal)
		require.Equal(t, c.amount, got.Amount)
		require.Equal(t, c.decimal+" "+c.currency, got.String())
	}
	got, err := money.Parse("12.500", "GBP")
	require.NoError(t, err, "zeros beyond the pence say nothing new")
	require.EqualValues(t, 1250, got.Amount)
}

func TestWhatIsNoAmount(t *testing.T) {
	for _, decimal := range []string{
		"", ".", "-", "1.", ".5", "+1", "1e3", "1,5", " 1", "1 ", "0x10", "١", "1.005", "--1", "NaN", "Inf",
		"92233720368547758.08", "99999999999999999999",
	} {
		_, err := money.Parse(decimal, "GBP")
		require.Error(t, err, "%q", decimal)
	}
	_, err := money.Parse("1", "gbp")
	require.ErrorContains(t, err, "ISO 4217")
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "2.55", "-0.05", "1e9", "00012.3000", "-", "9223372036854775807", "1.2.3"} {
		f.Add(seed, "GBP")
	}
	f.Add("1.234", "KWD")
	f.Fuzz(func(t *testing.T, decimal, currency string) {
		parsed, err := money.Parse(decimal, currency)
		if err != nil {
			return
		}
		exact, ok := new(big.Rat).SetString(decimal)
		require.True(t, ok, "%q was read and is no number", decimal)
		exponent, _ := money.Exponent(currency)
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)
		exact.Mul(exact, new(big.Rat).SetInt(scale))
		require.Zero(t, exact.Cmp(new(big.Rat).SetInt64(parsed.Amount)))

		again, err := money.Parse(parsed.Decimal(), currency)
		require.NoError(t, err)
		require.Equal(t, parsed, again)
	})
}
