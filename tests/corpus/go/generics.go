package main

import (
	"fmt"
	"sort"
	"strings"
)

type Number interface{ ~int | ~int64 | ~float64 }

type Heap[T Number] struct{ items []T }

func (h *Heap[T]) Push(x T) { h.items = append(h.items, x) }

func Map[T, U any](xs []T, f func(T) U) []U {
	out := make([]U, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func main() {
	var n int
	fmt.Scan(&n)
	h := &Heap[int]{}
	for ; n > 0; n-- {
		var x int
		fmt.Scan(&x)
		h.Push(x)
	}
	sort.Slice(h.items, func(i, j int) bool { return h.items[i] < h.items[j] })
	fmt.Println(strings.Join(Map(h.items, func(x int) string { return fmt.Sprint(x) }), " "))
}
