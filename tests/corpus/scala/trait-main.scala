trait Runner {
  def run(): Unit
  def main(args: Array[String]): Unit = run()
}

object Task extends Runner {
  def run(): Unit = println("Hello, World!")
}
