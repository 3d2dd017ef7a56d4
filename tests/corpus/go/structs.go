package main

import (
	"container/list"
	"fmt"
)

type Point struct{ X, Y int }

func (p Point) Add(q Point) Point { return Point{p.X + q.X, p.Y + q.Y} }

type State struct {
	Point
	D int
}

func main() {
	var r, c int
	fmt.Scan(&r, &c)
	g := make([]string, r)
	q := list.New()
	seen := map[Point]bool{}
	for i := range g {
		fmt.Scan(&g[i])
		for j, ch := range g[i] {
			if ch == 'S' {
				q.PushBack(State{Point{i, j}, 0})
				seen[Point{i, j}] = true
			}
		}
	}
	for q.Len() > 0 {
		s := q.Remove(q.Front()).(State)
		if g[s.X][s.Y] == 'E' {
			fmt.Println(s.D)
			return
		}
		for _, d := range [...]Point{{0, 1}, {1, 0}, {0, -1}, {-1, 0}} {
			p := s.Add(d)
			if p.X < 0 || p.Y < 0 || p.X >= r || p.Y >= c || g[p.X][p.Y] == '#' || seen[p] {
				continue
			}
			seen[p] = true
			q.PushBack(State{p, s.D + 1})
		}
	}
	fmt.Println(-1)
}
