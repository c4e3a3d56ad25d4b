-- The templates that every installation has, and so every test.
INSERT INTO template (name) VALUES ('nightly-backup'), ('weekly-digest');
INSERT INTO template_step (template, position, action, max_attempts) VALUES
  ('nightly-backup', 1, 'dump', 1),
  ('nightly-backup', 2, 'upload', 4),
  ('nightly-backup', 3, 'verify', 2),
  ('weekly-digest', 1, 'collect', 2),
  ('weekly-digest', 2, 'send', 3);
