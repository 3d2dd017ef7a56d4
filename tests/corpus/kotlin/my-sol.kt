fun main() {
    println(readln().trim().split(" ").sumOf { it.toInt() })
}
