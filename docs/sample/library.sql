-- A small lending library: the sample that the README loads and queries.
CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE book(id INTEGER PRIMARY KEY, title TEXT NOT NULL, author INTEGER NOT NULL, year INTEGER CHECK(year > 0));
CREATE TABLE loan(id INTEGER PRIMARY KEY AUTOINCREMENT, book INTEGER NOT NULL, reader TEXT COLLATE NOCASE, lent TEXT, back TEXT);
CREATE INDEX book_author ON book(author);
CREATE INDEX loan_book ON loan(book, lent DESC);
BEGIN;
INSERT INTO author(name) VALUES ('Jane Austen'), ('Mary Shelley'), ('Jules Verne'), ('Selma Lagerlof');
INSERT INTO book(title, author, year) VALUES
  ('Pride and Prejudice', 1, 1813), ('Emma', 1, 1815), ('Persuasion', 1, 1817), ('Frankenstein', 2, 1818),
  ('Around the World in Eighty Days', 3, 1872), ('Twenty Thousand Leagues under the Seas', 3, 1870),
  ('The Wonderful Adventures of Nils', 4, 1906);
INSERT INTO loan(book, reader, lent, back) VALUES
  (1, 'Ada', '2025-01-03', '2025-01-20'), (4, 'ada', '2025-02-01', NULL), (1, 'Grace', '2025-02-11', '2025-03-01'),
  (6, 'Linus', '2025-02-12', '2025-02-13'), (5, 'Linus', '2025-02-13', NULL), (2, 'Grace', '2025-03-02', NULL);
COMMIT;
CREATE VIEW lent_out AS
  SELECT b.title, a.name AS author, l.reader, l.lent FROM loan l JOIN book b ON b.id = l.book JOIN author a ON a.id = b.author
  WHERE l.back IS NULL;
