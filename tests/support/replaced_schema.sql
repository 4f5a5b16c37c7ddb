-- The tables of the replaced system, as its ORM made them.
CREATE TYPE orders_status_enum AS ENUM ('pending', 'processing', 'paid', 'shipped', 'delivered', 'cancelled', 'failed');
CREATE TYPE payments_status_enum AS ENUM ('pending', 'processing', 'completed', 'failed', 'refunded');
CREATE TYPE payments_method_enum AS ENUM ('credit_card', 'debit_card', 'bank_transfer', 'digital_wallet');
CREATE TYPE saga_instances_status_enum AS ENUM ('started', 'completed', 'failed', 'compensating', 'compensated');
CREATE TYPE users_role_enum AS ENUM ('admin', 'customer', 'merchant');
CREATE TYPE users_status_enum AS ENUM ('active', 'inactive', 'suspended');
CREATE TABLE users (
  id uuid PRIMARY KEY, email varchar NOT NULL UNIQUE, password varchar NOT NULL, "firstName" varchar NOT NULL, "lastName" varchar NOT NULL,
  role users_role_enum NOT NULL DEFAULT 'customer', status users_status_enum NOT NULL DEFAULT 'active',
  "emailVerified" boolean NOT NULL DEFAULT false, "refreshToken" varchar,
  "createdAt" timestamp NOT NULL DEFAULT now(), "updatedAt" timestamp NOT NULL DEFAULT now());
CREATE TABLE orders (
  id uuid PRIMARY KEY, "userId" uuid NOT NULL REFERENCES users(id), "totalAmount" numeric(10,2) NOT NULL,
  status orders_status_enum NOT NULL DEFAULT 'pending', items jsonb, "paymentId" varchar, "shippingAddress" varchar,
  "idempotencyKey" varchar UNIQUE, metadata jsonb, "nodeId" varchar,
  "createdAt" timestamp NOT NULL DEFAULT now(), "updatedAt" timestamp NOT NULL DEFAULT now());
CREATE TABLE payments (
  id uuid PRIMARY KEY, "orderId" varchar NOT NULL, "userId" varchar NOT NULL, amount numeric(10,2) NOT NULL,
  method payments_method_enum NOT NULL DEFAULT 'credit_card', status payments_status_enum NOT NULL DEFAULT 'pending',
  "externalTransactionId" varchar, "failureReason" varchar, metadata jsonb,
  "createdAt" timestamp NOT NULL DEFAULT now(), "updatedAt" timestamp NOT NULL DEFAULT now());
CREATE TABLE saga_instances (
  id uuid PRIMARY KEY, "sagaType" varchar NOT NULL, "correlationId" varchar NOT NULL,
  status saga_instances_status_enum NOT NULL DEFAULT 'started', data jsonb NOT NULL, "completedSteps" jsonb NOT NULL DEFAULT '[]',
  "compensationSteps" jsonb NOT NULL DEFAULT '[]', "currentStep" varchar, "errorMessage" varchar,
  "createdAt" timestamp NOT NULL DEFAULT now(), "updatedAt" timestamp NOT NULL DEFAULT now());
CREATE TABLE event_store (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "aggregateId" varchar NOT NULL, "aggregateType" varchar NOT NULL,
  "eventType" varchar NOT NULL, "eventData" jsonb NOT NULL, metadata jsonb, version integer NOT NULL DEFAULT 1,
  "occurredAt" timestamp NOT NULL DEFAULT now(), "causationId" text, "correlationId" text);
