package main

import "fmt"

func main() {
	for {
		fmt.Println("Hello, World! Hello, World! Hello, World! Hello, World! Hello, World!")
	}
}
