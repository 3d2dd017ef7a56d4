package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println(37)
	time.Sleep(300 * time.Millisecond)
	for i := 0; i < 1000; i++ {
		fmt.Println("more")
	}
}
