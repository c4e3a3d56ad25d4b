CREATE TABLE seat (number int PRIMARY KEY, row text NOT NULL);
INSERT INTO seat SELECT n, 'row ' || n / 20 FROM generate_series(1, 20000) AS n;
CREATE INDEX ON seat (row);
