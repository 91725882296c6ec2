.import --csv rag.csv ragged
SELECT *, typeof(b), typeof(c) FROM ragged;
.headers on
.import --csv bom.csv marked
SELECT *, typeof(a) FROM marked;
.headers off
.import --csv dup.csv twins
.schema twins
.import --csv empty.csv nothing
.import --csv missing.csv nothing
.import twice.csv
.import --csv --skip 1 twice.csv first
.schema first
CREATE TABLE one(a UNIQUE, b);
-- A line that fails takes the import along.
.import --csv --skip 1 twice.csv one
SELECT count(*) FROM one;
-- Inside of a transaction the import is a part of it.
BEGIN;
.import --csv rag.csv undone
SELECT count(*) FROM undone;
ROLLBACK;
.tables
/* A comment of
   two lines */
.tables o%
  -- one line
  .tables f%
/* a */ SELECT 5 /* b; */;
/* nothing behind
