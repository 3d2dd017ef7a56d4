fun main() {
    println((1..readln().toInt()).joinToString("\n"))
}
