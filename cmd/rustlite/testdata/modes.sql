CREATE TABLE m(a, b, c);
INSERT INTO m VALUES (NULL, x'4142', 1.5), ('two
lines', '日本語 wide', 'q"uote,'), ('tab	x', x'', 'é'), (1e999, -1e999, 'esc' || char(27) || '[0m');
.headers on
.mode csv
SELECT * FROM m;
.mode json
SELECT * FROM m;
.mode box
SELECT * FROM m;
SELECT 1 AS a, 'x' AS long_header UNION ALL SELECT 22, 'ü';
SELECT * FROM m WHERE 0;
.mode json
SELECT * FROM m WHERE 0;
.mode csv
SELECT * FROM m WHERE 0;
.mode list
SELECT a, b FROM m WHERE a IS NULL OR c = 'é';
