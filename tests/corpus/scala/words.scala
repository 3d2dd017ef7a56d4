object Words extends App {
  scala.io.Source.stdin.getLines
    .flatMap(_.split("\\s+")).filter(_.nonEmpty)
    .toList.groupBy(identity).mapValues(_.size).toSeq.sorted
    .foreach { case (w, c) => println(s"$w $c") }
}
