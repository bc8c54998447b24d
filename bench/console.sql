-- The rows of a store as years of work leave it, made from a counter; `:model` is a real licence.

CREATE TEMPORARY TABLE made AS
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
  SELECT i, 'coop-' || (i % 20) AS partner, 'LE-2026-' || (9000000 + i % :dossiers) AS dossier,
    strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-' || ((:count - i) * 8640000.0 / :count) || ' seconds')
      AS at,
    CASE WHEN i % 10 = 0 THEN 'refused' WHEN i % 20 = 1 THEN 'parked' ELSE 'accepted' END AS state,
    CASE i % 4 WHEN 0 THEN 'LicenceApplication' WHEN 1 THEN 'Imputation'
      WHEN 2 THEN 'VisaDecision' ELSE 'LicenceQuery' END AS type
  FROM n;

INSERT INTO dossiers (number, procedure, owner, state, version, revision, opened_at, changed_at,
  content)
SELECT dossier, 'licence', 'coop-' || (i % 20), 'granted', 1, 1, at, at,
  replace((SELECT content FROM dossiers WHERE number = :model), :model, dossier)
FROM made WHERE i <= :dossiers;

INSERT INTO history (dossier, at, event, message_id, actor, from_state, to_state, version, note)
SELECT dossier, at, type, 1000 + i, partner, 'submitted', 'granted', 1, '{}' FROM made;

INSERT INTO entries (dossier, message_id, number, office, kind, line, quantity, value,
  declaration, declared_on, imputed_on)
SELECT dossier, 1000 + i, 'IMP-' || i, '300', 'original', 1, '1', '20', '3000602026' || i,
  '2026-01-02', '2026-01-02' FROM made WHERE i <= :dossiers;

INSERT INTO facets (dossier, name, value)
SELECT made.dossier, name, value || '-' || (i % 5000) FROM made, facets
WHERE facets.dossier = :model AND i <= :dossiers;

INSERT INTO messages (id, sender, instance, type, version, dossier, digest, state, received_at,
  finished_at)
SELECT 1000 + i, partner, 'bench-' || i, type, '1.0', dossier, printf('%064x', i), state, at,
  CASE state WHEN 'parked' THEN NULL ELSE at END FROM made;

INSERT INTO message_bodies (message_id, receipt, content)
SELECT 1000 + i, zeroblob(400), zeroblob(400) FROM made;

INSERT INTO message_codes (code, message_id)
SELECT 'PSV-60' || (i / 10 % 2), 1000 + i FROM made WHERE state = 'refused';

INSERT INTO message_words (rowid, words)
SELECT 1000 + i, 'coopérative tapis laine facture F' || i || ' souk ' || (i % 977) FROM made;

INSERT INTO outgoing (id, instance, receiver, type, dossier, answers, stage, state, created_at,
  delivered_at, attempts, last_error)
SELECT 1000 + i, 'reply-' || i, partner, 'Acknowledgement', dossier, 1000 + i, 'outcome',
  CASE WHEN i % 20 = 7 THEN 'pushing' WHEN i % 2000 = 9 THEN 'parked'
    WHEN i % 20 = 11 THEN 'mailbox' ELSE 'delivered' END, at,
  CASE WHEN i % 20 = 7 OR i % 2000 = 9 OR i % 20 = 11 THEN NULL ELSE at END,
  CASE WHEN i % 20 = 7 THEN 4 ELSE 0 END,
  CASE WHEN i % 20 = 7 THEN 'ClientConnectorError: no answer' END FROM made;

INSERT INTO outgoing_bodies (outgoing_id, content)
SELECT 1000 + i, zeroblob(400) FROM made;

INSERT INTO attempts (outgoing_id, at, problem)
SELECT 1000 + i, at, 'ClientConnectorError: no answer' FROM made WHERE i % 20 = 7;

INSERT INTO jobs (kind, lane, subject, about, state, due, worker, claims, attempts, error,
  created_at)
SELECT 'work', 'message/' || (1000 + i), 1000 + i, '', 'parked', at, NULL, 5, 5,
  'PSV-901' || char(10) || 'KeyError: cause' || char(97 + i % 7), at FROM made WHERE state = 'parked';

INSERT INTO jobs (kind, lane, subject, about, state, due, worker, claims, attempts, error,
  created_at)
SELECT 'deliver', 'push/' || partner || '/' || (i / 20 % 8), 1000 + i, '',
  CASE WHEN i <= 160 THEN 'ready' ELSE 'waiting' END,
  strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '+600 seconds'), NULL, 4, 4,
  'ClientConnectorError: no answer', at FROM made WHERE i % 20 = 7;

INSERT INTO jobs (kind, lane, subject, about, state, due, worker, claims, attempts, error,
  created_at)
SELECT 'timer', NULL, 0, dossier || '|validity|', 'ready',
  strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '+' || (86400 + i) || ' seconds'), NULL, 0, 0, NULL,
  at FROM made WHERE i <= :dossiers;

INSERT INTO journal (id, at, kind, subject, dossier, actor, digest, facts, seal)
SELECT 10000 + 3 * i, at, 'message accepted', partner || '/bench-' || i, dossier, partner, NULL,
  '{"message":"' || (1000 + i) || '","type":"' || type || '","version":"1.0"}',
  100 + i / 300 FROM made;

INSERT INTO journal (id, at, kind, subject, dossier, actor, digest, facts, seal)
SELECT 10001 + 3 * i, at, CASE WHEN i % 20 = 3 THEN 'message refused' ELSE 'dossier moved' END,
  partner || '/bench-' || i, dossier, partner, NULL,
  '{"codes":"PSV-601","type":"' || type || '"}', 100 + i / 300 FROM made;

INSERT INTO journal (id, at, kind, subject, dossier, actor, digest, facts, seal)
SELECT 10002 + 3 * i, at, CASE WHEN i % 20 = 0 THEN 'job retried' ELSE 'reply signed' END,
  'reply-' || i, dossier, CASE WHEN i % 20 = 0 THEN 'operator amina' ELSE 'passavant' END, NULL,
  '{"answers":"' || partner || '/bench-' || i || '","to":"' || partner || '"}',
  100 + i / 300 FROM made;

INSERT INTO seals (number, at, first_entry, last_entry, entries, previous, hash, signature)
SELECT 100 + i / 300, max(at), min(10000 + 3 * i), max(10002 + 3 * i), '[]', '',
  printf('%064x', i / 300), zeroblob(64) FROM made GROUP BY i / 300;

INSERT INTO progress (name, seal, at)
SELECT 'census', max(number), max(at) FROM seals WHERE true
ON CONFLICT (name) DO UPDATE SET seal = excluded.seal, at = excluded.at;
