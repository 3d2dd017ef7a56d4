object Main {
  case class Point(x: Int, y: Int) {
    def sum: Int = x + y
  }

  def main(args: Array[String]): Unit = {
    val in = scala.io.StdIn.readLine().split(" ").map(_.toInt)
    println(Point(in(0), in(1)).sum)
  }
}
