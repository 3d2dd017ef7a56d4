object Mean {
  def main(args: Array[String]): Unit = {
    scala.io.StdIn.readLine()
    val xs = scala.io.StdIn.readLine().split(" ").map(_.toDouble)
    println(f"${xs.sum / xs.length}%.5f")
  }
}
