fun main() {
    var lo = 1; var hi = 1000
    while (lo <= hi) {
        val m = (lo + hi) / 2
        println(m)
        System.out.flush()
        when (readLine()) { "higher" -> lo = m + 1; "lower" -> hi = m - 1; else -> return }
    }
}
