class Helper {
    static String greet(String who) { return "Hello, " + who + "!"; }
}

class Main {
    static public void main(String[] args) {
        System.out.println(Helper.greet("World"));
    }
}
