package main

import (
	"bufio"
	"fmt"
	"os"
)

var (
	reader = bufio.NewReaderSize(os.Stdin, 1<<20)
	writer = bufio.NewWriter(os.Stdout)
)

func readInt() int {
	n, sign := 0, 1
	c, _ := reader.ReadByte()
	for c == ' ' || c == '\n' || c == '\r' {
		c, _ = reader.ReadByte()
	}
	if c == '-' {
		sign = -1
		c, _ = reader.ReadByte()
	}
	for c >= '0' && c <= '9' {
		n = n*10 + int(c-'0')
		c, _ = reader.ReadByte()
	}
	return sign * n
}

func main() {
	defer writer.Flush()
	n := readInt()
	sum := 0
	for i := 0; i < n; i++ {
		sum += readInt()
	}
	fmt.Fprintln(writer, sum)
}
