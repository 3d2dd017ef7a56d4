package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
)

func main() {
	m := make(map[string]int)
	s := bufio.NewScanner(os.Stdin)
	for s.Scan() {
		for _, w := range strings.Fields(s.Text()) {
			m[w]++
		}
	}
	keys := []string{}
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Printf("%s %d\n", k, m[k])
	}
}
