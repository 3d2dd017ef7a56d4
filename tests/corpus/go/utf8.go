package main

import (
	"bufio"
	"fmt"
	"os"
)

func 逆(ζ string) string {
	r := []rune(ζ)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func main() {
	s := bufio.NewScanner(os.Stdin)
	s.Scan()
	fmt.Println(逆(s.Text()))
}
