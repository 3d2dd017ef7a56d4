package main

import (
	"fmt"
	"os"
)

func main() {
	if _, found := os.LookupEnv("ONLINE_JUDGE"); !found {
		os.Stdin, _ = os.Open("input.txt")
	}
	var a, b int
	fmt.Scan(&a, &b)
	fmt.Println(a + b)
}
