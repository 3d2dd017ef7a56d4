fun main() {
    val (a, b) = readLine()!!.split(" ")
    println(a.toInt() + b.toInt())
}
