create table t (x integer);
.import /dev/stdin t
select sum(x) from t where rowid > 1;
