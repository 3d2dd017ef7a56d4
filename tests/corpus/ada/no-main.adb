package Nothing is
   procedure Hello;
end Nothing;
with Ada.Text_IO;
package body Nothing is
   procedure Hello is
   begin
      Ada.Text_IO.Put_Line ("Hello, World!");
   end Hello;
end Nothing;
