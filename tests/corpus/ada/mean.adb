with Ada.Long_Float_Text_IO; use Ada.Long_Float_Text_IO;
with Ada.Integer_Text_IO;
procedure Main is
   N : Integer;
   X, S : Long_Float := 0.0;
begin
   Ada.Integer_Text_IO.Get (N);
   for I in 1 .. N loop
      Get (X);
      S := S + X;
   end loop;
   Put (S / Long_Float (N), Aft => 6, Exp => 0);
end Main;
