fun main(x: Int) { println("number $x") }
fun String.main() { println("extension") }
fun main() { println("Hello, World!") }
