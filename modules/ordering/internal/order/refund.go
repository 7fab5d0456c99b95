package order

import (
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// Returned says how many of each line were taken back.
func (s State) Returned() map[string]int64 {
	return s.returned(func(status ReturnStatus) bool { return status != Requested && status != Rejected })
}

func (s State) returned(counts func(ReturnStatus) bool) map[string]int64 {
	quantities := map[string]int64{}
	for _, r := range s.Returns {
		if counts(r.Status) {
			for _, line := range r.Lines {
				quantities[line.LineID] += line.Quantity
			}
		}
	}
	return quantities
}

// refundFor is what the customer gets for lines that come back after those taken back already.
//
// What the goods cost after discounts is split exactly over the lines, and a line's part exactly over
// its pieces, counted in the order they come back: however an order is returned piece by piece, all of
// it together refunds goods − discounts, to the penny, and fees are kept.
func (s State) refundFor(lines []ordering.Line) (money.Money, error) {
	parts, err := s.netOfLines()
	if err != nil {
		return money.Money{}, err
	}
	taken := s.Returned()
	sum := money.New(0, s.Goods.Currency)
	for i, line := range s.Lines {
		for _, back := range lines {
			if back.LineID != line.ID {
				continue
			}
			before, err := pieces(parts[i], taken[line.ID], line.Quantity)
			if err != nil {
				return money.Money{}, err
			}
			after, err := pieces(parts[i], taken[line.ID]+back.Quantity, line.Quantity)
			if err != nil {
				return money.Money{}, err
			}
			sum.Amount += after.Amount - before.Amount // both within the order's total
		}
	}
	return sum, nil
}

// netOfLines splits what the goods cost after discounts over the lines.
func (s State) netOfLines() ([]money.Money, error) {
	net, err := s.Goods.Sub(s.Discounts)
	if err != nil {
		return nil, err
	}
	net.Amount = max(net.Amount, 0)
	weights := make([]int64, len(s.Lines))
	for i, line := range s.Lines {
		weights[i] = line.Total.Amount
	}
	return net.Allocate(weights)
}

// pieces is the part of a line's price that falls on its first n of all pieces.
func pieces(part money.Money, n, all int64) (money.Money, error) {
	parts, err := part.Allocate([]int64{n, all - n})
	if err != nil {
		return money.Money{}, err
	}
	return parts[0], nil
}
