object Main {
  case class P(a: Int, b: Int)
  def main(args: Array[String]): Unit = {
    val Array(a, b) = scala.io.StdIn.readLine().trim.split(" ").map(_.toInt)
    val p = P(a, b)
    println(p.a + p.b)
  }
}
