package main

import ("bufio"; "fmt"; "io"; "os")

func sum(r io.Reader) (s int) {
	defer func() { recover() }()
	for {
		var x int
		if _, err := fmt.Fscan(r, &x); err == io.EOF { return } else if err != nil { panic(err) }
		s += x
	}
}

func main() { fmt.Println(sum(bufio.NewReader(os.Stdin))) }
