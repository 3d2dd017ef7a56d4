fun main() = println(readln().split(" ").map { it.toLong() }.sum())
