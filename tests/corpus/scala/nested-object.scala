object TrafficLight {
  sealed trait Color
  object Color {
    case object Red extends Color
    case object Green extends Color
  }
  def say(c: Color): String = c match {
    case Color.Red => "Stop"
    case Color.Green => "Hello, World!"
  }
  def main(args: Array[String]) {
    println(say(Color.Green))
  }
}
