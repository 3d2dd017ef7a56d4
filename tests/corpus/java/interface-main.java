interface Greeting {
    String TEXT = "Hello, World!";
    static void main(String[] args) {
        System.out.println(TEXT);
    }
}
