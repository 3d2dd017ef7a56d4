with Ada.Text_IO; use Ada.Text_IO;
procedure Main is
   X : Integer;
begin
   X := "Hello";
   Put_Line ("Hello, World!");
end Main;
