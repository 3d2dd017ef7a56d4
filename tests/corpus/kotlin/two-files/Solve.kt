package app
import util.add
fun main() {
    val (a, b) = readln().split(" ").map { it.toInt() }
    println(add(a, b))
}
