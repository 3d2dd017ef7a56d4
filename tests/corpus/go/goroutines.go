package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
)

func main() {
	runtime.GOMAXPROCS(8)
	in := bufio.NewReader(os.Stdin)
	var n int
	fmt.Fscan(in, &n)
	jobs := make(chan []int, 16)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for w := 0; w < 50; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for part := range jobs {
				s := 0
				for _, v := range part {
					s += v
				}
				mu.Lock()
				total += s
				mu.Unlock()
			}
		}()
	}
	part := []int{}
	for i := 0; i < n; i++ {
		var v int
		fmt.Fscan(in, &v)
		part = append(part, v)
		if len(part) == 1000 || i == n-1 {
			jobs <- part
			part = nil
		}
	}
	close(jobs)
	wg.Wait()
	fmt.Println(total)
}
