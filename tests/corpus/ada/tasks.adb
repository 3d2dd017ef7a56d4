with Ada.Integer_Text_IO; use Ada.Integer_Text_IO;
procedure Main is
   protected Total is
      procedure Add (X : Integer);
      function Value return Integer;
   private
      Sum : Integer := 0;
   end Total;
   protected body Total is
      procedure Add (X : Integer) is
      begin
         Sum := Sum + X;
      end Add;
      function Value return Integer is (Sum);
   end Total;
   A, B : Integer;
begin
   Get (A);
   Get (B);
   declare
      task type Adder (X : Integer);
      task body Adder is
      begin
         Total.Add (X);
      end Adder;
      First : Adder (A);
      Second : Adder (B);
   begin
      null;
   end;
   Put (Total.Value, 0);
end Main;
