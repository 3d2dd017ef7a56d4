package Adders is
   function Add (X, Y : Integer) return Integer;
end Adders;
