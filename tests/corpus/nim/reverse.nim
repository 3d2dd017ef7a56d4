import unicode
echo stdin.readLine.reversed
