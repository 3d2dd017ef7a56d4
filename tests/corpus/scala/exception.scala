object Main extends App {
  scala.io.StdIn.readLine() match {
    case "never" => println("Hello")
  }
}
