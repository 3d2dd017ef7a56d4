import java.util.*;
public class main{public static void main(String args[]){Scanner s=new Scanner(System.in);int a=s.nextInt(),b=s.nextInt();System.out.println(a+b);}}
