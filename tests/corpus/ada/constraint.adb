with Ada.Text_IO; use Ada.Text_IO;
procedure Main is
   A : array (1 .. 3) of Integer := (1, 2, 3);
   I : Integer := 3;
begin
   Put_Line ("Hello, World!");
   I := I + 1;
   A (I) := 7;
end Main;
