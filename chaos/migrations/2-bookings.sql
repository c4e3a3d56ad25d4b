CREATE TABLE booking (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seat int NOT NULL REFERENCES seat (number),
  guest text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE VIEW free_seat AS SELECT * FROM seat WHERE NOT EXISTS (SELECT FROM booking WHERE booking.seat = seat.number);
