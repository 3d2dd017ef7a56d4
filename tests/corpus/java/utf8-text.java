import java.util.Scanner;
public class Main {
    public static void main(String[] args) {
        String zeile = new Scanner(System.in).nextLine();
        System.out.println(new StringBuilder(zeile).reverse());
    }
}
