with Ada.Text_IO; use Ada.Text_IO;
procedure Main is
   -- Begrüßung: 日本
   S : constant String := "ü";
begin
   if S'Length = 2 then
      Put_Line ("Hello, World!");
   end if;
end Main;
