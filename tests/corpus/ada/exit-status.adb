with Ada.Text_IO; use Ada.Text_IO;
with Ada.Command_Line; use Ada.Command_Line;
procedure Main is
begin
   Put_Line ("Hello, World!");
   Set_Exit_Status (Failure);
end Main;
