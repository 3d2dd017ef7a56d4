package solution

import "fmt"

func main() { fmt.Println("Hello, World!") }
