package storefront

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMoneyIsWrittenAsCustomersReadIt(t *testing.T) {
	require.Equal(t, "£7.99", inWords(amount{799, "GBP"}))
	require.Equal(t, "£0.05", inWords(amount{5, "GBP"}))
	require.Equal(t, "−£12.00", inWords(amount{-1200, "GBP"}))
}

func TestABasketHoldsOnlyWhatCanBeOrdered(t *testing.T) {
	b := basket(nil).add("MUG", 2).add("MUG", 3).add("LAMP", 2000).add("<script>", 1).add("VASE", -1)
	require.Equal(t, basket{{"MUG", 5}, {"LAMP", maxPieces}}, b)
	require.Equal(t, basket{{"LAMP", maxPieces}}, b.set("MUG", 0))
	require.EqualValues(t, 5+maxPieces, b.Pieces())
	require.Equal(t, b.set("MUG", maxPieces), b.add("MUG", math.MaxInt64))
}

func TestAProductAlwaysLooksTheSame(t *testing.T) {
	require.Equal(t, art("MUG"), art("MUG"))
	require.NotEqual(t, art("MUG"), art("LAMP"))
}
