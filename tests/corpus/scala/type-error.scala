object Main extends App {
  val x: Int = "Hello, World!"
  println(x)
}
