import java.io.File

fun main() {
    if (System.getProperty("ONLINE_JUDGE") == null) System.setIn(File("input.txt").inputStream())
    println(readLine()!!.trim().split(" ").sumOf { it.toInt() })
}
