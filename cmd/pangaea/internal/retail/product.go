package retail

import (
	"strings"
	"unicode"
)

// A product gathers what the lines of one code say.
type product struct {
	code   string
	names  votes[string] // descriptions of lines that sell it
	others votes[string] // descriptions of its other lines, which may say "damaged"
	prices votes[int64]
	sold   []int64 // per file
}

func (p *product) note(l *line) {
	switch {
	case l.description == "":
	case l.sellable():
		p.names.add(l.description)
	case len(p.names.count) == 0:
		p.others.add(l.description)
	}
	if l.sellable() {
		p.prices.add(l.price)
	}
}

func (p *product) sell(file, files int, quantity int64) {
	if p.sold == nil {
		p.sold = make([]int64, files)
	}
	p.sold[file] += quantity
}

// maxName is how long a product's name gets.
const maxName = 120

func (p *product) name() string {
	name, ok := p.names.winner()
	if !ok {
		name, ok = p.others.winner()
	}
	if name = printable(name); !ok || name == "" {
		return p.code
	}
	return shorten(name, maxName)
}

// printable drops what does not belong into a name of one line: line breaks, and characters that steer
// a terminal or turn text around.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

func (p *product) finished() Product {
	price, _ := p.prices.winner()
	name := p.name()
	return Product{SKU: p.code, Name: name, Category: categoryOf(name), Price: price, Sold: p.sold}
}

// votes finds the most frequent of some values; of two as frequent, the one that came last.
type votes[V comparable] struct {
	count map[V]vote
	cast  int
}

type vote struct{ count, last int }

func (v *votes[V]) add(value V) {
	if v.count == nil {
		v.count = map[V]vote{}
	}
	v.cast++
	v.count[value] = vote{v.count[value].count + 1, v.cast}
}

func (v *votes[V]) winner() (winner V, ok bool) {
	var best vote
	for value, vote := range v.count {
		if vote.count > best.count || (vote.count == best.count && vote.last > best.last) {
			winner, best, ok = value, vote, true
		}
	}
	return winner, ok
}

// categories are found by words in a product's name, the first that fits.
var categories = []struct {
	name  string
	words []string
}{
	{"Christmas", []string{"CHRISTMAS", "XMAS", "ADVENT", "REINDEER", "SANTA", "SNOWMAN", "BAUBLE"}},
	{"Bags", []string{"BAG", "BAGS", "SHOPPER", "PURSE", "SUITCASE"}},
	{"Candles and lights", []string{"CANDLE", "CANDLES", "T-LIGHT", "T-LIGHTS", "LANTERN", "LIGHT", "LIGHTS", "LAMP", "CANDLEHOLDER"}},
	{"Kitchen", []string{"MUG", "CUP", "CUPS", "TEA", "TEAPOT", "TEACUP", "COFFEE", "PLATE", "BOWL", "CAKE", "CAKESTAND", "KITCHEN", "BAKING", "LUNCH", "JAR", "TIN", "TINS", "BOTTLE", "APRON", "SPOON", "NAPKINS", "TRAY"}},
	{"Stationery", []string{"CARD", "CARDS", "PAPER", "WRAP", "NOTEBOOK", "PENCIL", "PENCILS", "PEN", "STICKERS", "TAPE", "RIBBON", "RIBBONS", "JOURNAL"}},
	{"Jewellery", []string{"NECKLACE", "EARRINGS", "BRACELET", "RING", "BROOCH", "JEWELLERY", "CHARM"}},
	{"Toys and games", []string{"TOY", "TOYS", "GAME", "GAMES", "DOLL", "PUZZLE", "CHILDRENS", "CHILDREN'S", "BINGO", "PLAYHOUSE"}},
	{"Garden", []string{"GARDEN", "WATERING", "PLANT", "BIRD", "PICNIC", "PARASOL", "THERMOMETER"}},
	{"Home", []string{"CLOCK", "FRAME", "HOOK", "HOOKS", "SIGN", "DOORMAT", "CUSHION", "DRAWER", "CABINET", "MIRROR", "HANGER", "RUG", "STOOL", "HANGING", "WICKER", "BASKET", "BOX"}},
}

func categoryOf(name string) string {
	words := map[string]bool{}
	for _, word := range strings.Fields(strings.ToUpper(name)) {
		words[strings.Trim(word, ",.&+()")] = true
	}
	for _, category := range categories {
		for _, word := range category.words {
			if words[word] {
				return category.name
			}
		}
	}
	return "Gifts"
}
