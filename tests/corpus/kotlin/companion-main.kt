class Program {
    companion object {
        private const val GREETING = "Hello, World!"

        @JvmStatic
        fun main(args: Array<String>) {
            println(GREETING)
        }
    }
}
