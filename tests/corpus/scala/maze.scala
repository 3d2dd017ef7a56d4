import scala.collection.mutable

object Main {
  type Pos = (Int, Int)
  def main(args: Array[String]): Unit = {
    val lines = scala.io.Source.stdin.getLines().toVector
    val Array(r, c) = lines.head.split(" ").map(_.toInt)
    val g = lines.slice(1, r + 1)
    val start = (for (i <- 0 until r; j <- 0 until c if g(i)(j) == 'S') yield (i, j)).head
    val dist = mutable.Map[Pos, Int](start -> 0)
    val q = mutable.Queue[Pos](start)
    var best = -1
    while (q.nonEmpty && best < 0) {
      val p @ (x, y) = q.dequeue()
      if (g(x)(y) == 'E') best = dist(p)
      else for ((dx, dy) <- Seq((1, 0), (-1, 0), (0, 1), (0, -1))) {
        val n = (x + dx, y + dy)
        if (n._1 >= 0 && n._1 < r && n._2 >= 0 && n._2 < c && g(n._1)(n._2) != '#' && !dist.contains(n)) {
          dist(n) = dist(p) + 1
          q += n
        }
      }
    }
    println(best)
  }
}
