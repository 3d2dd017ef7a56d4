import java.util.Scanner

object Util {
  def add(a: Int, b: Int): Int = a + b
}

object Solution extends App {
  val sc = new Scanner(System.in)
  println(Util.add(sc.nextInt(), sc.nextInt()))
}
