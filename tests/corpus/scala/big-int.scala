import scala.annotation.tailrec
object Fact extends App {
  @tailrec def fact(n: Int, acc: BigInt = 1): BigInt = if (n < 2) acc else fact(n - 1, acc * n)
  println(fact(io.StdIn.readInt()))
}
