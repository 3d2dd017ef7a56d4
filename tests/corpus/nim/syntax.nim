proc main( =
  echo "Hello, World!"
main()
