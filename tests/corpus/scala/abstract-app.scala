abstract class Problem extends App {
  lazy val lines = scala.io.Source.stdin.getLines()
  def ints(): Array[Int] = lines.next().split(' ').map(_.toInt)
}

object ProblemA extends Problem {
  println(ints().sum)
}
