package main

import (
	"fmt"

	"github.com/emirpasic/gods/trees/redblacktree"
)

func main() {
	t := redblacktree.NewWithIntComparator()
	fmt.Println("Hello, World!", t.Size())
}
