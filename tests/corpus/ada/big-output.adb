with Ada.Text_IO; use Ada.Text_IO;
with Ada.Integer_Text_IO; use Ada.Integer_Text_IO;
procedure Main is
   N : Integer;
begin
   Get (N);
   for I in 1 .. N loop
      Put (I, 0);
      New_Line;
   end loop;
end Main;
