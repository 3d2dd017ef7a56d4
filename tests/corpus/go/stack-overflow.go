package main

func f(n int) int { return f(n+1) + n }

func main() { println(f(0)) }
