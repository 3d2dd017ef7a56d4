private val input = System.`in`
private val buf = ByteArray(1 shl 16)
private var len = 0
private var ptr = 0
private fun read(): Int {
    if (ptr == len) { len = input.read(buf, 0, buf.size); ptr = 0; if (len <= 0) return -1 }
    return buf[ptr++].toInt()
}
private fun readInt(): Int {
    var c = read()
    while (c <= ' '.code) c = read()
    val neg = c == '-'.code
    if (neg) c = read()
    var r = 0
    while (c >= '0'.code && c <= '9'.code) { r = r * 10 + (c - '0'.code); c = read() }
    return if (neg) -r else r
}

fun main() {
    val n = readInt()
    var s = 0L
    repeat(n) { s += readInt() }
    val sb = StringBuilder()
    sb.append(s).append('\n')
    print(sb)
}
