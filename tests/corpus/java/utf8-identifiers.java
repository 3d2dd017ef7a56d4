import java.util.Scanner;

class Lösung {
    static int größe(int straße, int häuser) { return straße + häuser; }
    public static void main(String[] args) {
        Scanner eingabe = new Scanner(System.in);
        System.out.println(größe(eingabe.nextInt(), eingabe.nextInt()));
    }
}
