-- A shop that has been open for eleven weeks: 5,000 users with all that becomes of users. Everything
-- is made from one table of who came when and what became of them, so the books agree with it.
SELECT setseed(0.42);

CREATE TEMP TABLE demo ON COMMIT DROP AS
SELECT n, 9000000000 + n AS id, joined_at, buys_after, kind, method, months, pro, luck,
    (ARRAY['Анна', 'Иван', 'Мария', 'Олег', 'Тимур', 'Ольга', 'Ben', 'Kate', 'Liam', 'Zoe'])
        [1 + floor(random() * 10)::int] AS name
FROM (
    SELECT n, :now - interval '77 days' * (1 - sqrt(random())) - interval '10 minutes' AS joined_at,
        interval '20 minutes' + interval '4 days' * power(random(), 2) AS buys_after,
        random() AS kind, random() AS method, random() AS luck, random() < 0.3 AS pro,
        CASE WHEN random() < 0.75 THEN 1 WHEN random() < 0.7 THEN 3 ELSE 12 END AS months
    FROM generate_series(1, 5000) n
) people;
CREATE UNIQUE INDEX ON demo (n);

INSERT INTO users (id, language, first_name, username, username_seen_at, created_at, referral_code,
    referrer_id, unreachable_at)
SELECT id, CASE WHEN luck < 0.7 THEN 'ru' ELSE 'en' END, name,
    CASE WHEN luck < 0.6 THEN 'demo_' || n END, CASE WHEN luck < 0.6 THEN joined_at END, joined_at,
    'demo-' || n, CASE WHEN n > 50 AND luck < 0.2 THEN 9000000000 + 1 + n % 49 END,
    CASE WHEN luck > 0.96 THEN joined_at + interval '1 day' END
FROM demo ORDER BY n;

INSERT INTO promo_codes (code, kind, value, max_uses_per_person, created_at)
VALUES ('DEMO20', 'percent', 20, 1, :now - interval '77 days');

-- Who buys: once, and again at the end of each month that was bought, as long as they stay.
CREATE TEMP TABLE sold ON COMMIT DROP AS
SELECT demo.n, demo.id AS user_id, k, terms.plan_id, terms.id AS term_id, plans.titles,
    terms.months, terms.days, terms.traffic_limit_bytes, terms.device_limit, terms.price_minor,
    terms.currency, first_at + k * terms.days * interval '1 day' AS covers_from,
    first_at + k * terms.days * interval '1 day'
        - CASE k WHEN 0 THEN interval '0' ELSE interval '5 hours' END AS at,
    CASE WHEN k = 0 AND luck BETWEEN 0.3 AND 0.42 THEN terms.price_minor / 5 ELSE 0 END AS discount,
    CASE WHEN k > 0 AND method < 0.5 THEN 'balance' WHEN method < 0.7 THEN 'cryptobot'
        ELSE 'stars' END AS provider,
    k = 0 AND luck BETWEEN 0.5 AND 0.52 AS is_refunded,
    md5('demo sale ' || demo.n || ' ' || k)::uuid AS purchase_id
FROM demo
    JOIN LATERAL (SELECT joined_at + buys_after AS first_at) so ON kind < 0.4
    JOIN terms ON terms.archived_at IS NULL AND terms.months = demo.months
    JOIN plans ON plans.id = terms.plan_id AND plans.archived_at IS NULL
        AND (plans.position = (SELECT max(position) FROM plans WHERE archived_at IS NULL)) = pro,
    generate_series(0, 2) k
WHERE first_at + k * terms.days * interval '1 day' < :now - interval '1 minute'
    AND (k = 0 OR terms.months = 1 AND luck > 0.2 * k AND NOT luck BETWEEN 0.5 AND 0.52);

CREATE TEMP TABLE trials ON COMMIT DROP AS
SELECT n, id AS user_id, joined_at + interval '5 minutes' AS at,
    md5('demo trial ' || n)::uuid AS purchase_id
FROM demo WHERE kind BETWEEN 0.15 AND 0.75 AND joined_at < :now - interval '10 minutes';

-- One subscription for all that a user has bought, begun by the trial where there was one.
INSERT INTO subscriptions (user_id, plan_id, term_id, access_id, created_at, expires_at, ends_at,
    is_trial, trial_told, auto_renew, used_before_bytes, traffic_limit_bytes, device_limit, link,
    reminded_hours, revision, activation_status, attempts, due_at, traffic_due_at)
SELECT user_id, plan_id, term_id, gen_random_uuid(), begun_at, until, until, plan_id IS NULL,
    CASE WHEN plan_id IS NULL THEN CASE WHEN runs THEN 'halfway' ELSE 'ended' END END,
    plan_id IS NOT NULL AND runs AND n % 2 = 0, 0, traffic, devices,
    CASE WHEN runs THEN 'https://vpn.example/demo/' || n END, CASE WHEN NOT runs THEN 0 END, 1,
    CASE WHEN runs THEN 'active' ELSE 'removed' END, 0, begun_at, :now + interval '30 days'
FROM (
    SELECT n, user_id, min(at) AS begun_at, max(plan_id) AS plan_id, max(term_id) AS term_id,
        max(traffic) AS traffic, max(devices) AS devices, max(until) AS until,
        max(until) > :now AS runs
    FROM (
        SELECT n, user_id, at, plan_id, term_id, traffic_limit_bytes AS traffic,
            device_limit AS devices, CASE WHEN is_refunded THEN at + interval '2 hours'
                ELSE covers_from + days * interval '1 day' END AS until
        FROM sold
        UNION ALL
        SELECT n, user_id, at, NULL, NULL, 10737418240, 1, at + interval '3 days' FROM trials
    ) bought GROUP BY n, user_id
) subscribed;

UPDATE users SET had_access_at = s.created_at FROM subscriptions s
WHERE s.user_id = users.id AND users.id BETWEEN 9000000001 AND 9000005000;

INSERT INTO purchases (id, user_id, kind, status, plan_id, term_id, titles, months, days,
    traffic_limit_bytes, device_limit, is_separate, is_change, base_used_bytes, price_minor,
    currency, discount_minor, credit_minor, from_balance_minor, charge_minor, charge_currency,
    provider, chosen_at, invoice_id, payment_id, created_at, expires_at, paid_at, subscription_id,
    covers_from, covers_until, subscription_revision, delivered_at, refunded_at)
SELECT purchase_id, sold.user_id, CASE WHEN provider = 'balance' THEN 'renewal' ELSE 'plan' END,
    CASE WHEN is_refunded THEN 'refunded' ELSE 'paid' END, sold.plan_id, sold.term_id, titles,
    months, days, sold.traffic_limit_bytes, sold.device_limit, false, false, 0, price_minor,
    currency, discount, 0, CASE provider WHEN 'balance' THEN price_minor ELSE 0 END,
    CASE provider WHEN 'cryptobot' THEN price_minor - discount
        WHEN 'stars' THEN (price_minor - discount) / 2 END,
    CASE provider WHEN 'cryptobot' THEN currency WHEN 'stars' THEN 'XTR' END, provider, at,
    CASE WHEN provider <> 'balance' THEN 'demo-' || n || '-' || k END,
    CASE WHEN provider <> 'balance' THEN 'demo-' || n || '-' || k END,
    at - interval '2 minutes', at + interval '1 hour', at, s.id, covers_from,
    CASE WHEN is_refunded THEN at + interval '2 hours'
        ELSE covers_from + days * interval '1 day' END,
    1, at + interval '2 seconds', CASE WHEN is_refunded THEN at + interval '2 hours' END
FROM sold JOIN subscriptions s ON s.user_id = sold.user_id;

INSERT INTO purchases (id, user_id, kind, status, titles, days, traffic_limit_bytes, device_limit,
    is_separate, is_change, base_used_bytes, price_minor, currency, discount_minor, credit_minor,
    from_balance_minor, created_at, expires_at, paid_at, subscription_id, covers_from,
    covers_until, subscription_revision, delivered_at)
SELECT purchase_id, trials.user_id, 'trial', 'paid', '{}', 3, 10737418240, 1, false, false, 0, 0,
    'USD', 0, 0, 0, at, at + interval '1 hour', at, s.id, at, at + interval '3 days', 1,
    at + interval '2 seconds'
FROM trials JOIN subscriptions s ON s.user_id = trials.user_id;

-- What is renewed from the balance was put there the day before.
INSERT INTO purchases (id, user_id, kind, status, titles, days, traffic_limit_bytes, device_limit,
    is_separate, is_change, base_used_bytes, price_minor, currency, discount_minor, credit_minor,
    from_balance_minor, charge_minor, charge_currency, provider, chosen_at, invoice_id, payment_id,
    created_at, expires_at, paid_at)
SELECT md5('demo top-up ' || n || ' ' || k)::uuid, user_id, 'top_up', 'paid', '{}', 0, 0, 0, false,
    false, 0, price_minor, currency, 0, 0, 0, price_minor, currency, 'cryptobot', put_at,
    'demo-top-up-' || n || '-' || k, 'demo-top-up-' || n || '-' || k, put_at,
    put_at + interval '1 hour', put_at
FROM sold, LATERAL (SELECT at - interval '1 day' AS put_at) so WHERE provider = 'balance';

INSERT INTO promo_uses (promo_code_id, user_id, purchase_id, created_at)
SELECT promo_codes.id, sold.user_id, purchase_id, at FROM sold, promo_codes
WHERE discount > 0 AND code = 'DEMO20';

-- The books. Money in before what was bought with it, or a balance would be below zero.
INSERT INTO ledger_entries (key, user_id, purchase_id, kind, amount_minor, currency, created_at)
SELECT 'payment:demo:' || p.id, p.user_id, p.id, 'payment', p.price_minor - p.discount_minor,
    p.currency, p.paid_at
FROM purchases p WHERE p.user_id BETWEEN 9000000001 AND 9000005000
    AND p.provider IN ('cryptobot', 'stars') AND p.paid_at IS NOT NULL
ORDER BY p.paid_at;
INSERT INTO ledger_entries (key, user_id, purchase_id, kind, amount_minor, currency, created_at)
SELECT 'sale:' || p.id, p.user_id, p.id, 'sale', p.discount_minor - p.price_minor, p.currency,
    p.paid_at
FROM purchases p WHERE p.user_id BETWEEN 9000000001 AND 9000005000 AND p.kind <> 'top_up'
ORDER BY p.paid_at;
INSERT INTO ledger_entries (key, user_id, purchase_id, kind, amount_minor, currency, created_at)
SELECT 'refund:' || p.id, p.user_id, p.id, 'refund', p.price_minor - p.discount_minor, p.currency,
    p.refunded_at
FROM purchases p WHERE p.user_id BETWEEN 9000000001 AND 9000005000 AND p.status = 'refunded';
INSERT INTO ledger_entries (key, user_id, purchase_id, kind, amount_minor, currency, created_at)
SELECT 'referral:first:' || p.user_id, users.referrer_id, p.id, 'referral',
    (p.price_minor - p.discount_minor) / 10, p.currency, p.paid_at
FROM purchases p JOIN users ON users.id = p.user_id
    JOIN sold ON sold.purchase_id = p.id AND k = 0 AND NOT is_refunded
WHERE users.referrer_id IS NOT NULL;

INSERT INTO audit (actor, action, subject, details, created_at)
SELECT 'payments', 'purchase_paid', 'purchase:' || id,
    jsonb_build_object('kind', kind, 'was', 'pending'), paid_at
FROM purchases WHERE user_id BETWEEN 9000000001 AND 9000005000 ORDER BY paid_at;

-- Questions: some wait, most were answered.
INSERT INTO conversations (user_id, state, waiting_since, unanswered, last_message_at)
SELECT id, CASE WHEN n <= 6 THEN 'open' WHEN n <= 20 THEN 'answered' ELSE 'closed' END,
    CASE WHEN n <= 6 THEN at END, CASE WHEN n <= 6 THEN 1 ELSE 0 END, at
FROM demo, LATERAL (SELECT CASE WHEN n <= 6 THEN :now - n * interval '17 minutes'
    ELSE joined_at + interval '1 hour' END AS at) so
WHERE n <= 120;
INSERT INTO conversation_messages (conversation_id, operator_id, chat_id, message_id, kind, text,
    created_at)
SELECT c.id, CASE place WHEN 2 THEN 1003 END, demo.id, 900000 + n * 2 + place, 'text',
    CASE place WHEN 2 THEN 'Обновите подписку в приложении, и всё заработает.'
        ELSE (ARRAY['Не подключается с утра', 'Как продлить на год?', 'Можно вернуть деньги?',
            'Which app do I need on Windows?'])[1 + n % 4] END,
    c.last_message_at - (2 - place) * interval '5 minutes'
FROM demo JOIN conversations c ON c.user_id = demo.id, generate_series(1, 2) place
WHERE place = 1 OR n > 6;

INSERT INTO attention_items (key, template, values, user_id, opened_at, settled_at, settlement)
SELECT 'payment-short:demo-' || n, 'operator-payment-short',
    jsonb_build_object('invoice', 'demo-' || n, 'paid', '4.98 USD', 'price', '4.99 USD'), id, at,
    CASE WHEN n > 203 THEN at + interval '1 hour' END, CASE WHEN n > 203 THEN 'credited' END
FROM demo, LATERAL (SELECT CASE WHEN n > 203 THEN :now - interval '1 day' * (n - 203)
    ELSE :now - interval '1 hour' * (n - 200) END AS at) so
WHERE n BETWEEN 201 AND 215;

INSERT INTO incidents (kind, subject, opened_at, closed_at, outages, error, waiting, affected,
    shown, shown_at, edits)
SELECT kind, subject, began, began + lasted, 1, 'no answer', 0, orders, '{}', began, 1
FROM (VALUES ('panel', 'panel', :now - interval '3 days 2 hours', interval '47 minutes', 9),
    ('panel', 'panel', :now - interval '17 days', interval '6 minutes', 3),
    ('cryptobot', 'cryptobot', :now - interval '9 days', interval '21 minutes', 0),
    ('chain', 'eth', :now - interval '12 days', interval '90 minutes', 0)
) AS past (kind, subject, began, lasted, orders);

INSERT INTO transactions (chain, tx_hash, state, block_number, block_hash, succeeded,
    first_seen_at, changed_at, ended_at)
SELECT (ARRAY['eth', 'bsc'])[1 + n % 2], '0x' || md5('demo a' || n) || md5('demo b' || n), 'final',
    1000 + n, '0x' || md5('demo c' || n) || md5('demo d' || n), true, at, at + interval '15 minutes',
    at + interval '15 minutes'
FROM demo, LATERAL (SELECT :now - interval '29 days' * random() AS at) so WHERE n <= 400;
INSERT INTO watches (user_id, chat_id, chain, tx_hash, mode, muted, about, created_at, card_lost,
    ended_at)
SELECT id, id, chain, t.tx_hash, 'every', false, '{}', first_seen_at, true, t.ended_at
FROM demo JOIN transactions t ON t.tx_hash = '0x' || md5('demo a' || n) || md5('demo b' || n)
WHERE n <= 400;
