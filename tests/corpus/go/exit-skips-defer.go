package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	var a, b int
	fmt.Scan(&a, &b)
	fmt.Fprintln(w, a+b)
	os.Exit(0)
}
