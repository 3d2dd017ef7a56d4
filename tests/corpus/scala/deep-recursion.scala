object Main {
  def f(n: Int): Long = if (n == 0) 0 else n + f(n - 1)
  def main(args: Array[String]): Unit = println(f(scala.io.StdIn.readLine.toInt))
}
