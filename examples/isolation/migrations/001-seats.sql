CREATE TABLE seat (
  number int PRIMARY KEY,
  guest text
);
INSERT INTO seat (number) SELECT generate_series(1, 10);
