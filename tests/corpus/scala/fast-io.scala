import java.io._
import java.util.StringTokenizer

object Main {
  class FastReader(stream: InputStream) {
    private val br = new BufferedReader(new InputStreamReader(stream), 1 << 16)
    private var st: StringTokenizer = _
    def next(): String = {
      while (st == null || !st.hasMoreTokens) st = new StringTokenizer(br.readLine())
      st.nextToken()
    }
    def nextInt(): Int = next().toInt
  }

  def main(args: Array[String]): Unit = {
    val in = new FastReader(System.in)
    val out = new PrintWriter(System.out)
    val n = in.nextInt()
    var s = 0L
    for (_ <- 0 until n) s += in.nextInt()
    out.println(s)
    out.flush()
  }
}
