package contest.round1

fun main() { println("Hello, World!") }
