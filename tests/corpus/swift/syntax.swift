func main() {
    print("Hello, World!")
main()
