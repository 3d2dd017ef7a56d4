package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
)

func main() {
	sc := bufio.NewScanner(os.Stdin)
	sc.Split(bufio.ScanWords)
	sc.Buffer(make([]byte, 1024), 1e6)
	sc.Scan()
	n, _ := strconv.Atoi(sc.Text())
	var s int64
	for i := 0; i < n; i++ {
		sc.Scan()
		v, err := strconv.ParseInt(sc.Text(), 10, 64)
		if err != nil {
			panic(err)
		}
		s += v
	}
	fmt.Println(s)
}
