"""The tables of `judgments.db`.

Rowid tables with UNIQUE keys: without rowids SQLite wrote a ninth of the rows a second into three times the
space. A request's key of 64 characters stands once, in `requests`; the other tables refer to it by its small
integer. What was sent is apart from that, in `prompts`, so that planning a request and sending it each only
append.
"""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = 3

TABLES: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (item_id TEXT NOT NULL UNIQUE, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS requests (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS prompts (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    messages BLOB NOT NULL, contract TEXT NOT NULL, replicate INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS trials (
    ordinal INTEGER PRIMARY KEY,
    item_id TEXT NOT NULL, source TEXT NOT NULL, category TEXT, gold TEXT, perturbation TEXT NOT NULL,
    arm TEXT NOT NULL, target TEXT, "order" TEXT NOT NULL, protocol TEXT NOT NULL, mitigation TEXT NOT NULL,
    repeat INTEGER NOT NULL, request INTEGER NOT NULL REFERENCES requests (id), record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS trials_of_request ON trials (request);
CREATE TABLE IF NOT EXISTS parts (
    request INTEGER NOT NULL REFERENCES requests (id), place INTEGER NOT NULL,
    part INTEGER NOT NULL REFERENCES requests (id), turned INTEGER NOT NULL, rule TEXT NOT NULL,
    UNIQUE (request, place)
);
CREATE INDEX IF NOT EXISTS parts_by_part ON parts (part);
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY,
    request INTEGER NOT NULL REFERENCES requests (id), number INTEGER NOT NULL,
    started_at REAL NOT NULL, latency_s REAL NOT NULL, status TEXT NOT NULL CHECK (status IN ('ok', 'fault')),
    fault_kind TEXT, http_status INTEGER, message TEXT,
    text TEXT, thinking TEXT, finish TEXT, served_model TEXT, fingerprint TEXT, headers TEXT,
    prompt_tokens INTEGER, completion_tokens INTEGER, cached_tokens INTEGER, reasoning_tokens INTEGER,
    cost_usd REAL, truth TEXT, logprobs TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS answers ON attempts (request) WHERE status = 'ok';
CREATE TABLE IF NOT EXISTS verdicts (
    request INTEGER NOT NULL REFERENCES requests (id), parser_version INTEGER NOT NULL,
    outcome TEXT NOT NULL, reason TEXT NOT NULL, probabilities TEXT, scores TEXT,
    UNIQUE (request, parser_version)
);
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY, mark TEXT NOT NULL UNIQUE, job TEXT, state TEXT NOT NULL,
    begun_at REAL NOT NULL, size INTEGER NOT NULL, held_usd REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS batch_requests (
    batch INTEGER NOT NULL REFERENCES batches (id), request INTEGER NOT NULL REFERENCES requests (id),
    UNIQUE (batch, request)
);
"""

ADD_ATTEMPT: Final = f"INSERT INTO attempts VALUES (NULL{', ?' * 21})"  # noqa: S608  # question marks only

ADD_TRIAL: Final = f"INSERT OR IGNORE INTO trials VALUES (?{', ?' * 13})"  # noqa: S608  # question marks only

ADD_VERDICT: Final = """
INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (request, parser_version) DO UPDATE
SET outcome = excluded.outcome, reason = excluded.reason, probabilities = excluded.probabilities,
    scores = excluded.scores
"""

REPLIES: Final = """
SELECT r.key, a.text, a.finish, a.thinking, a.prompt_tokens, a.completion_tokens, a.cached_tokens,
a.reasoning_tokens,
       a.served_model, a.fingerprint, a.headers, a.truth, a.logprobs, p.contract
FROM attempts a JOIN requests r ON r.id = a.request JOIN prompts p ON p.request = a.request
WHERE a.status = 'ok' ORDER BY a.id
"""

TOTALS: Final = """
SELECT (SELECT COUNT(*) FROM requests WHERE id NOT IN (SELECT request FROM parts WHERE rule <> 'turn')),
       COALESCE(SUM(status = 'ok'), 0), COUNT(*), COALESCE(SUM(status =
'fault'), 0),
       COALESCE(SUM(prompt_tokens), 0), COALESCE(SUM(completion_tokens), 0),
       COALESCE(SUM(cached_tokens), 0), COALESCE(SUM(reasoning_tokens), 0), SUM(cost_usd)
FROM attempts
"""

OF_ITEMS: Final = """
SELECT item_id, json_extract(json, '$.' || :key) FROM items
WHERE instr(json, '"' || :key || '"') AND json_extract(json, '$.' || :key) IS NOT NULL
"""

UNCOUNTED_THINKING: Final = """
SELECT completion_tokens, text, COALESCE(thinking, '') FROM attempts
WHERE status = 'ok' AND COALESCE(reasoning_tokens, 0) = 0 AND completion_tokens > 0
  AND (thinking IS NOT NULL OR instr(text, '<think>') OR instr(text, '</think>'))
"""

BY_MODEL: Final = """
SELECT served_model, COUNT(*) FROM attempts WHERE status = 'ok' AND served_model IS NOT NULL
GROUP BY served_model ORDER BY served_model
"""

BY_AUDITED_MODEL: Final = """
SELECT served_model FROM attempts WHERE status = 'ok' AND served_model IS NOT NULL AND request NOT IN (
    SELECT p.part FROM parts p JOIN trials t ON t.request = p.request
    JOIN json_each(?) other
    ON t.mitigation = json_extract(other.value, '$[0]') AND p.place = json_extract(other.value, '$[1]')
)
GROUP BY served_model ORDER BY COUNT(*) DESC, served_model LIMIT 1
"""

_CHECK_FAILED: Final = (
    "CASE WHEN json_valid(record) THEN json_extract(record, '$.failures[0]') IS NOT NULL ELSE 0 END"
)

UNSETTLED: Final = """
SELECT p.messages, a.status = 'ok', a.prompt_tokens, a.completion_tokens, a.cached_tokens, a.reasoning_tokens
FROM attempts a JOIN prompts p ON p.request = a.request
WHERE a.cost_usd IS NULL AND (a.status = 'ok' OR a.http_status IS NULL OR a.http_status = 200)
"""

FAILED_CHECKS: Final = f"""
SELECT DISTINCT item_id, perturbation, arm, target, repeat FROM trials
WHERE target IS NOT NULL AND {_CHECK_FAILED}
"""  # noqa: S608  # a constant of this file

COUNTS: Final = f"""
SELECT COUNT(DISTINCT t.item_id), COUNT(*), COALESCE(SUM(v.outcome IN ('invalid', 'refused')), 0),
       COALESCE(SUM(v.outcome = 'refused'), 0), COALESCE(SUM(v.reason = 'truncated'), 0),
       COALESCE(SUM({_CHECK_FAILED}), 0)
FROM trials t LEFT JOIN verdicts v ON v.request = t.request AND v.parser_version = ?
"""  # noqa: S608  # a constant of this file

JUDGMENTS: Final = """
SELECT t.ordinal, t.item_id, t.source, t.category, t.gold, t.perturbation, t.arm, t.target, t."order",
t.protocol,
       t.mitigation, t.repeat, r.key, t.record, v.outcome, v.reason,
       a.prompt_tokens, a.completion_tokens, a.cached_tokens, a.reasoning_tokens, a.cost_usd, a.latency_s,
       a.truth, v.probabilities, v.scores,
       EXISTS (SELECT 1 FROM trials s WHERE s.request = t.request AND s.ordinal < t.ordinal)
FROM trials t
JOIN requests r ON r.id = t.request
LEFT JOIN attempts a ON a.request = t.request AND a.status = 'ok'
LEFT JOIN verdicts v ON v.request = t.request AND v.parser_version = ?
WHERE t.ordinal >= ? ORDER BY t.ordinal
"""
