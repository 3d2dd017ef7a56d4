fun main() {
    val (a, b) = readLine()!!.split(" ").map { it.toLong().toInt() }
    println(a + b)
}
