package main

import "fmt"

func main() {
	var a [][]byte
	for {
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = 1
		}
		a = append(a, b)
		if len(a) < 0 {
			fmt.Println(a)
		}
	}
}
