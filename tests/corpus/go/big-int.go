package main

import (
	"fmt"
	"math/big"
)

func main() {
	var n int64
	fmt.Scan(&n)
	fmt.Println(new(big.Int).MulRange(1, n))
}
