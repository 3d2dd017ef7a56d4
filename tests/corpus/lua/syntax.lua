function main()
  print("Hello, World!")
main()
