print(String(readLine()!.reversed()))
