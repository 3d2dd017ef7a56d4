object Guess {
  def main(args: Array[String]): Unit = {
    var (lo, hi) = (1, 1000)
    var done = false
    while (!done) {
      val m = (lo + hi) / 2
      println(m)
      Console.flush()
      scala.io.StdIn.readLine() match {
        case "higher" => lo = m + 1
        case "lower" => hi = m - 1
        case _ => done = true
      }
    }
  }
}
