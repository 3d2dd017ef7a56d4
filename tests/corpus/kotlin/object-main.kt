object Main {
    @JvmStatic
    fun main(args: Array<String>) {
        val st = java.util.StringTokenizer(readLine()!!)
        println(st.nextToken().toInt() + st.nextToken().toInt())
    }
}
