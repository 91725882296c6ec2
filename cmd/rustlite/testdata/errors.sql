SELECT 1;
SELECT
  nope;
SELECT 2; SELECT bad; SELECT 3;
.nosuch
.mode wrong
.read
.read .
.read nofile.sql
.read modes.csv
SELECT 4;
SELECT 'unterminated