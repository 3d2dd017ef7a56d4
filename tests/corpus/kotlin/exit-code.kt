import kotlin.system.exitProcess
fun main() {
    println("Hello, World!")
    exitProcess(3)
}
