package bench

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// quantile is what a share q of the sorted values does not exceed.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// median is the middle of the values, or between the two in the middle.
func median[T int64 | float64 | time.Duration](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// medianOf is the median of one figure of each.
func medianOf[S any, T int64 | float64 | time.Duration](all []S, figure func(S) T) T {
	values := make([]T, len(all))
	for i, one := range all {
		values[i] = figure(one)
	}
	return median(values)
}

// A bucket of a histogram holds what does not exceed most.
type bucket struct{ most, count float64 }

// histogramQuantile estimates a quantile from a histogram's buckets, as Prometheus does; NaN if it is empty.
func (m metrics) histogramQuantile(name, label string, q float64) float64 {
	counts := map[float64]float64{}
	for series, value := range m {
		own, labels, _ := strings.Cut(series, "{")
		if own != name+"_bucket" || !strings.Contains(labels, label) {
			continue
		}
		_, edge, _ := strings.Cut(labels[strings.LastIndex(labels, "=")+1:], `"`) // le is the last label
		edge, _, _ = strings.Cut(edge, `"`)
		if most, err := strconv.ParseFloat(edge, 64); err == nil {
			counts[most] += value
		}
	}
	var buckets []bucket
	for most, count := range counts {
		buckets = append(buckets, bucket{most, count})
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.most, b.most) })
	if len(buckets) == 0 || buckets[len(buckets)-1].count == 0 {
		return math.NaN()
	}
	rank, below := q*buckets[len(buckets)-1].count, bucket{}
	for _, b := range buckets {
		if b.count >= rank {
			if math.IsInf(b.most, 1) {
				return below.most
			}
			return below.most + (b.most-below.most)*(rank-below.count)/(b.count-below.count)
		}
		below = b
	}
	return math.NaN()
}
