data class P(val a: Int, val b: Int)
fun main() {
    val (a, b) = readln().split(" ").map { it.toInt() }
    val p = P(a, b)
    println(p.a + p.b)
}
