package deadletters

import "strings"

// Diff shows what makes two payloads differ, line by line.
func Diff(before, after []byte) string {
	a, b := strings.Split(Pretty(before), "\n"), strings.Split(Pretty(after), "\n")
	var text strings.Builder
	write := func(mark string, lines ...string) {
		for _, line := range lines {
			text.WriteString(mark + " " + plain(line) + "\n")
		}
	}
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	write(" ", a[:same]...)
	a, b = a[same:], b[same:]
	end := 0
	for end < min(len(a), len(b)) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	rest := a[len(a)-end:]
	a, b = a[:len(a)-end], b[:len(b)-end]
	if len(a)*len(b) > mostCompared {
		write("-", a...)
		write("+", b...)
		a, b = nil, nil
	}
	shared := common(a, b)
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(a) > 0 && len(b) > 0 && a[0] == b[0]:
			write(" ", a[0])
			a, b = a[1:], b[1:]
		case len(b) == 0 || len(a) > 0 && shared[len(a)-1][len(b)] >= shared[len(a)][len(b)-1]:
			write("-", a[0])
			a = a[1:]
		default:
			write("+", b[0])
			b = b[1:]
		}
	}
	write(" ", rest...)
	return text.String()
}

// mostCompared bounds the pairs of lines that are compared.
const mostCompared = 1 << 20

// common is how many lines the last i of a and the last j of b have in common, in order.
func common(a, b []string) [][]int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			switch {
			case i == 0 || j == 0:
			case a[len(a)-i] == b[len(b)-j]:
				table[i][j] = table[i-1][j-1] + 1
			default:
				table[i][j] = max(table[i-1][j], table[i][j-1])
			}
		}
	}
	return table
}
