package main

import (
	"fmt"
	"task/internal/sum"
)

func main() {
	var a, b int
	fmt.Scan(&a, &b)
	fmt.Println(sum.Of(a, b))
}
