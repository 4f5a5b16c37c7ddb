#include "postgres/replaced_views_sql.hpp"

namespace edda::postgres {

const std::string_view replaced_types_sql = R"sql(
DO $types$
DECLARE
  wanted text[] := ARRAY[
    'orders_status_enum', 'pending processing paid shipped delivered cancelled failed',
    'payments_status_enum', 'pending processing completed failed refunded',
    'payments_method_enum', 'credit_card debit_card bank_transfer digital_wallet',
    'saga_instances_status_enum', 'started completed failed compensating compensated',
    'users_role_enum', 'admin customer merchant',
    'users_status_enum', 'active inactive suspended'];
BEGIN
  FOR i IN 1 .. cardinality(wanted) BY 2 LOOP
    IF NOT EXISTS (SELECT FROM pg_type WHERE typname = wanted[i] AND typnamespace = to_regnamespace('public')) THEN
      EXECUTE format('CREATE TYPE public.%I AS ENUM (''%s'')', wanted[i], replace(wanted[i + 1], ' ', ''', '''));
    END IF;
  END LOOP;
END $types$)sql";

// Functions are called as whoever reads: what they name themselves stands in pg_catalog.
const std::string_view replaced_helpers_sql = R"sql(
-- Minor units as a number in major units, with two decimals as the replaced system's columns had them. The currencies: base/money.cpp.
CREATE OR REPLACE FUNCTION edda.replaced_amount(minor bigint, currency text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT minor * CASE
    WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF')
      THEN 1.00
    WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 0.001
    ELSE 0.01 END
$$;

CREATE OR REPLACE FUNCTION edda.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'No % here: "%" is a view of what Edda keeps in its event log.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'feature_not_supported', HINT = TG_ARGV[0];
END $$;

-- The ids that imported payments and sagas had. An import makes ids of version 5: for others nobody need look.
CREATE OR REPLACE VIEW edda.replaced_ids AS
SELECT stream, (data::jsonb ->> 'replacedId')::uuid AS id FROM edda.events WHERE version = 1;

-- What an order is made of, as OrderCreated and its sagas had it.
CREATE OR REPLACE VIEW edda.replaced_orders AS
SELECT e.stream AS id, bought.items, d.data ->> 'shippingAddress' AS shipping_address,
  jsonb_build_object(
    'orderId', d.data -> 'orderId', 'userId', d.data -> 'userId', 'shippingAddress', d.data -> 'shippingAddress', 'items', bought.items,
    'totalAmount', trim_scale(edda.replaced_amount((d.data #>> '{totalAmount,amount}')::bigint, d.data #>> '{totalAmount,currency}'))) AS data
FROM edda.events e CROSS JOIN LATERAL (SELECT e.data::jsonb) AS d(data)
  CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
             'productId', i.item -> 'productId', 'productName', i.item -> 'productName',
             'quantity', trim_scale((i.item ->> 'quantityThousandths')::bigint * 0.001),
             'price', trim_scale(edda.replaced_amount((i.item #>> '{price,amount}')::bigint, i.item #>> '{price,currency}')))
             ORDER BY i.place), '[]')
    FROM jsonb_array_elements(d.data -> 'items') WITH ORDINALITY AS i(item, place)) AS bought(items)
WHERE e.version = 1 AND e.type = 'OrderCreated')sql";

// Times without a zone are the reading session's, as there: "createdAt" > now() - interval '1 hour' means what it says.
const std::array<ReplacedView, 5> replaced_views{{
    {"orders", R"sql(
SELECT o.id, o.user_id AS "userId", edda.replaced_amount(o.total_minor, o.currency) AS "totalAmount",
  (CASE o.status WHEN 'cancelling' THEN 'cancelled' ELSE o.status END)::public.orders_status_enum AS status,
  (SELECT r.items FROM edda.replaced_orders r WHERE r.id = o.id) AS items,
  (SELECT coalesce((SELECT r.id FROM edda.replaced_ids r WHERE r.stream = p.id AND substr(p.id::text, 15, 1) = '5'), p.id)
   FROM edda.payment_view p WHERE p.id = o.payment_id AND p.external_transaction_id <> '')::varchar AS "paymentId",
  (SELECT r.shipping_address FROM edda.replaced_orders r WHERE r.id = o.id)::varchar AS "shippingAddress",
  -- Keys are kept as digests. There they were the correlation ids, by which reports join.
  o.id::varchar AS "idempotencyKey", NULL::jsonb AS metadata, NULL::varchar AS "nodeId",
  o.created_at::timestamp AS "createdAt", o.updated_at::timestamp AS "updatedAt"
FROM edda.order_view o)sql",
     "An order is placed with POST /orders and cancelled with DELETE /orders/ID; it is never deleted. For an empty store, give Edda an "
     "empty database."},
    {"payments", R"sql(
SELECT coalesce((SELECT r.id FROM edda.replaced_ids r WHERE r.stream = p.id AND substr(p.id::text, 15, 1) = '5'), p.id) AS id,
  p.order_id::varchar AS "orderId", p.user_id::varchar AS "userId", edda.replaced_amount(p.amount_minor, p.currency) AS amount,
  'credit_card'::public.payments_method_enum AS method, p.status::public.payments_status_enum AS status,
  nullif(p.external_transaction_id COLLATE "default", '')::varchar AS "externalTransactionId",
  nullif(p.failure_reason COLLATE "default", '')::varchar AS "failureReason", NULL::jsonb AS metadata,
  p.created_at::timestamp AS "createdAt", p.updated_at::timestamp AS "updatedAt"
FROM edda.payment_view p)sql",
     "A payment follows its order: POST /orders, DELETE /orders/ID, POST /v1/orders/ID/refunds; it is never deleted. For an empty store, "
     "give Edda an empty database."},
    {"saga_instances", R"sql(
SELECT coalesce((SELECT r.id FROM edda.replaced_ids r WHERE r.stream = g.id AND substr(g.id::text, 15, 1) = '5'), g.id) AS id,
  (g.definition COLLATE "default")::varchar AS "sagaType", g.order_id::varchar AS "correlationId",
  (CASE WHEN g.status IN ('parked', 'paused', 'force_closed') THEN 'failed' ELSE g.status END)::public.saga_instances_status_enum AS status,
  (SELECT r.data FROM edda.replaced_orders r WHERE r.id = g.order_id) AS data,
  CASE WHEN g.definition = 'OrderProcessingSaga' AND NOT g.completed_steps::jsonb ? 'payment_processing'
    THEN '["payment_processing"]'::jsonb ELSE '[]'::jsonb END || g.completed_steps::jsonb AS "completedSteps",
  g.compensation_steps::jsonb AS "compensationSteps", nullif(g.current_step COLLATE "default", '')::varchar AS "currentStep",
  CASE WHEN g.status NOT IN ('completed', 'compensated') THEN nullif(g.error COLLATE "default", '') END::varchar AS "errorMessage",
  g.created_at::timestamp AS "createdAt", g.updated_at::timestamp AS "updatedAt"
FROM edda.saga_view g)sql",
     "A saga ends by itself, or is led on by an operator: edda saga retry ID and its neighbours; it is never deleted. For an empty store, "
     "give Edda an empty database."},
    {"event_store", R"sql(
SELECT md5(e.stream::text || e.version)::uuid AS id, known.id::varchar AS "aggregateId",
  (CASE WHEN e.type LIKE 'Order%' THEN 'Order' ELSE 'Payment' END)::varchar AS "aggregateType",
  (e.type COLLATE "default")::varchar AS "eventType",
  CASE e.type
    WHEN 'OrderCreated' THEN (SELECT r.data FROM edda.replaced_orders r WHERE r.id = e.stream)
    WHEN 'OrderConfirmed' THEN d.data || jsonb_build_object(
      'paymentId', coalesce((SELECT r.id::text FROM edda.replaced_ids r
                             WHERE r.stream = (d.data ->> 'paymentId')::uuid AND substr(d.data ->> 'paymentId', 15, 1) = '5'),
                            d.data ->> 'paymentId'),
      'totalAmount', edda.replaced_amount((d.data #>> '{totalAmount,amount}')::bigint, d.data #>> '{totalAmount,currency}')::text)
    WHEN 'OrderCancelled' THEN CASE WHEN d.data ->> 'reason' = '' THEN d.data - 'reason' ELSE d.data END
    WHEN 'PaymentRefunded' THEN d.data - '{sagaId,externalTransactionId}'::text[] || jsonb_build_object('paymentId', known.id,
      'refundAmount', trim_scale(edda.replaced_amount((d.data #>> '{refundAmount,amount}')::bigint, d.data #>> '{refundAmount,currency}')))
    ELSE d.data - 'late' || jsonb_build_object('paymentId', known.id,
      'amount', trim_scale(edda.replaced_amount((d.data #>> '{amount,amount}')::bigint, d.data #>> '{amount,currency}')))
  END AS "eventData",
  NULL::jsonb AS metadata, e.version::integer AS version, e.at::timestamp AS "occurredAt", NULL::text AS "causationId",
  e.correlation::text AS "correlationId"
FROM edda.events e CROSS JOIN LATERAL (SELECT e.data::jsonb) AS d(data)
  CROSS JOIN LATERAL (SELECT coalesce((SELECT r.id FROM edda.replaced_ids r WHERE r.stream = e.stream AND substr(e.stream::text, 15, 1) = '5'),
                                      e.stream)) AS known(id)
WHERE e.type IN ('OrderCreated', 'OrderConfirmed', 'OrderCancelled', 'PaymentProcessed', 'PaymentFailed', 'PaymentRefunded'))sql",
     "The log is written by what happens to orders, and is never changed. For an empty store, give Edda an empty database."},
    {"users", R"sql(
SELECT u.id, (u.email COLLATE "default")::varchar AS email, 'not shown'::varchar AS password, u.first_name::varchar AS "firstName",
  u.last_name::varchar AS "lastName",
  (CASE u.role WHEN 'operator' THEN 'admin' ELSE u.role END)::public.users_role_enum AS role, u.status::public.users_status_enum AS status,
  u.email_verified AS "emailVerified", NULL::varchar AS "refreshToken",
  u.created_at::timestamp AS "createdAt", u.updated_at::timestamp AS "updatedAt"
FROM edda.users u)sql",
     "A user is made with POST /auth/register, and changed or disabled with edda user; none is deleted."},
}};

}  // namespace edda::postgres
