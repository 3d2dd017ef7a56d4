import java.math.BigInteger
fun main() {
    val n = readLine()!!.trim().toInt()
    println((1..n).fold(BigInteger.ONE) { acc, i -> acc * i.toBigInteger() })
}
