fun main() {
    val x: Int = "Hello"
    println(x)
}
