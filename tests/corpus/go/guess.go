package main

import "fmt"

func main() {
	lo, hi := 1, 1000
	for {
		m := (lo + hi) / 2
		fmt.Println(m)
		var s string
		fmt.Scan(&s)
		switch s {
		case "higher":
			lo = m + 1
		case "lower":
			hi = m - 1
		default:
			return
		}
	}
}
