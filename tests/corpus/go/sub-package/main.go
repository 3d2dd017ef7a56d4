package main

import (
	"fmt"

	"example.com/task/adder"
)

func main() {
	var a, b int
	fmt.Scan(&a, &b)
	fmt.Println(adder.Add(a, b))
}
