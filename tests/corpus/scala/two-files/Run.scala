import lib.Lib
object Run extends App {
  val Array(a, b) = scala.io.StdIn.readLine().split(" ").map(_.toInt)
  println(Lib.add(a, b))
}
