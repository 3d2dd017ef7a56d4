@file:JvmName("Solution")
@file:Suppress("UNUSED_VARIABLE", "unused")

package contest

fun main() {
    val unused = 3
    println("Hello, World!")
}
