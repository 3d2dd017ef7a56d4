fun f(n: Int): Long = if (n == 0) 0 else n + f(n - 1)
fun main() {
    Thread(null, { println(f(readLine()!!.toInt())) }, "solve", 1L shl 28).start()
}
