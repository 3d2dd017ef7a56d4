object Umkehr {
  implicit class Ops(val s: String) { def ⟲ : String = s.reverse }
  def main(args: Array[String]): Unit = {
    val größe = scala.io.StdIn.readLine()
    println(größe.⟲)
  }
}
