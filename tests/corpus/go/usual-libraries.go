package main

import (
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand"
	"os"
	"regexp"
	"time"
	"unicode"
)

var _ = bytes.MinRead
var _ = heap.Init
var _ = errors.New
var _ = math.Inf
var _ = bits.Len
var _ = regexp.MustCompile(`^\d+$`)
var _ = unicode.IsLetter

func init() { rand.Seed(time.Now().UnixNano()) }

func main() {
	var a, b int
	if _, err := fmt.Fscan(os.Stdin, &a, &b); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	fmt.Println(a + b)
}
