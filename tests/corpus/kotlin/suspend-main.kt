suspend fun greet(): String = "Hello, World!"
suspend fun main() {
    println(greet())
}
