object Main extends App {
  println((1 to scala.io.StdIn.readInt).mkString("\n"))
}
