object Main extends Runnable {
  def f(n: Long): Long = if (n == 0L) 0L else n + f(n - 1)
  def run(): Unit = println(f(scala.io.StdIn.readLong()))
  def main(args: Array[String]): Unit = {
    val t = new Thread(null, this, "big", 1L << 28)
    t.start(); t.join()
  }
}
