object Main extends App {
  val source =
    if (sys.props.contains("ONLINE_JUDGE")) scala.io.Source.stdin else scala.io.Source.fromFile("input.txt")
  println(source.mkString.trim.split("\\s+").map(_.toInt).sum)
}
