import scala.concurrent._
import scala.concurrent.duration._
import ExecutionContext.Implicits.global

object Async extends App {
  val Array(a, b) = io.StdIn.readLine().split(" ").map(_.toInt)
  val f = for { x <- Future(a); y <- Future(b) } yield x + y
  println(Await.result(f, 5.seconds))
}
