package sum

func Of(a, b int) int { return a + b }
