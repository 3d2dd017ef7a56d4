class Account(var balance: Long) {
  def deposit(x: Long): Unit = balance += x
}

object Account {
  def apply(x: Long) = new Account(x)

  def main(args: Array[String]): Unit = {
    val Array(a, b) = io.StdIn.readLine.split(" ").map(_.toLong)
    val acc = Account(a)
    acc.deposit(b)
    println(acc.balance)
  }
}
