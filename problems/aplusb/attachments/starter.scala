object Main {
  def main(args: Array[String]): Unit = {
    val parts = scala.io.StdIn.readLine().trim.split(" ").map(_.toLong)
    println(parts.sum)
  }
}
