object Main extends App {
  var i = 0L
  while (i >= 0) i = (i + 1) % 1000003
}
