with Ada.Integer_Text_IO; use Ada.Integer_Text_IO;
with Adders;
procedure Main is
   A, B : Integer;
begin
   Get (A);
   Get (B);
   Put (Adders.Add (A, B), 0);
end Main;
