CREATE TABLE "api_keys" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"hash" text NOT NULL,
	"prefix" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_keys_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "appointments" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"user_id" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"title" text,
	"description" text,
	"location" text,
	"time" jsonb NOT NULL,
	"recurrence" jsonb NOT NULL,
	"recurring_id" text,
	"original_start" jsonb,
	"busy" boolean NOT NULL,
	"colour" text,
	"metadata" jsonb NOT NULL,
	"origin" text NOT NULL,
	"version" integer NOT NULL,
	"archived_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"marker_key" text,
	"range_start" timestamp with time zone NOT NULL,
	"range_end" timestamp with time zone NOT NULL,
	CONSTRAINT "appointments_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "calendars" (
	"tenant_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"id" text NOT NULL,
	"summary" text NOT NULL,
	"time_zone" text NOT NULL,
	"access_role" text NOT NULL,
	"is_primary" boolean NOT NULL,
	"is_target" boolean NOT NULL,
	"is_source" boolean NOT NULL,
	"is_conflict" boolean NOT NULL,
	"sync_token" text,
	"page_token" text,
	"generation" integer NOT NULL,
	"parameters" text NOT NULL,
	"listed_from" timestamp with time zone,
	"cursor_version" bigint NOT NULL,
	"wake_seq" bigint NOT NULL,
	"pulled_seq" bigint NOT NULL,
	"last_pulled_at" timestamp with time zone,
	"next_poll_at" timestamp with time zone NOT NULL,
	"hold_off_until" timestamp with time zone,
	"failures" integer NOT NULL,
	"is_gone" boolean NOT NULL,
	CONSTRAINT "calendars_tenant_id_connection_id_id_pk" PRIMARY KEY("tenant_id","connection_id","id")
);
--> statement-breakpoint
CREATE TABLE "channels" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"connection_id" text NOT NULL,
	"calendar_id" text,
	"resource_id" text,
	"state" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_notified_at" timestamp with time zone,
	CONSTRAINT "channels_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "connect_links" (
	"tenant_id" text NOT NULL,
	"hash" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text,
	"return_url" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "connect_links_tenant_id_hash_pk" PRIMARY KEY("tenant_id","hash")
);
--> statement-breakpoint
CREATE TABLE "connections" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"user_id" text NOT NULL,
	"google_sub" text NOT NULL,
	"google_email" text NOT NULL,
	"mode" text NOT NULL,
	"status" text NOT NULL,
	"status_reason" text,
	"granted_scopes" jsonb NOT NULL,
	"missing_scopes" jsonb NOT NULL,
	"window" jsonb NOT NULL,
	"policies" jsonb NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_synced_at" timestamp with time zone,
	CONSTRAINT "connections_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"tenant_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"sealed_refresh_token" text,
	"sealed_access_token" text,
	"access_token_expires_at" timestamp with time zone NOT NULL,
	"version" integer NOT NULL,
	"refresh_lease_until" timestamp with time zone,
	CONSTRAINT "credentials_tenant_id_connection_id_pk" PRIMARY KEY("tenant_id","connection_id")
);
--> statement-breakpoint
CREATE TABLE "journal" (
	"tenant_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"appointment_id" text,
	"connection_id" text,
	"side" text NOT NULL,
	"action" text NOT NULL,
	"rule" text NOT NULL,
	"reason" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"change_type" text,
	"change_data" jsonb,
	CONSTRAINT "journal_tenant_id_seq_pk" PRIMARY KEY("tenant_id","seq")
);
--> statement-breakpoint
CREATE TABLE "links" (
	"tenant_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"calendar_id" text NOT NULL,
	"event_id" text NOT NULL,
	"role" text NOT NULL,
	"appointment_id" text,
	"ical_uid" text,
	"etag" text,
	"recurring_event_id" text,
	"original_start" jsonb,
	"base" jsonb,
	"content_hash" text,
	"raw" jsonb,
	"html_link" text,
	"generation" integer NOT NULL,
	"shown_version" integer,
	"missing_how" text,
	"missing_since" timestamp with time zone,
	"seen_generation" integer NOT NULL,
	"error" jsonb,
	CONSTRAINT "links_tenant_id_connection_id_calendar_id_event_id_pk" PRIMARY KEY("tenant_id","connection_id","calendar_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "oauth_flows" (
	"tenant_id" text NOT NULL,
	"state_hash" text NOT NULL,
	"link_hash" text NOT NULL,
	"user_id" text NOT NULL,
	"return_url" text,
	"browser_hash" text,
	"sealed_code_verifier" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "oauth_flows_tenant_id_state_hash_pk" PRIMARY KEY("tenant_id","state_hash")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"tenant_id" text NOT NULL,
	"appointment_id" text NOT NULL,
	"calendar_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"lane" text NOT NULL,
	"state" text NOT NULL,
	"not_before" timestamp with time zone NOT NULL,
	"attempts" integer NOT NULL,
	"intent" jsonb,
	"error" jsonb,
	"queued_at" timestamp with time zone NOT NULL,
	CONSTRAINT "outbox_tenant_id_appointment_id_calendar_id_pk" PRIMARY KEY("tenant_id","appointment_id","calendar_id")
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"appointment_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"calendar_id" text NOT NULL,
	"event_id" text NOT NULL,
	"kind" text NOT NULL,
	"values" jsonb NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "proposals_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "remembered_replies" (
	"tenant_id" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer NOT NULL,
	"body" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "remembered_replies_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"connection_id" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"phase" text NOT NULL,
	"done" integer NOT NULL,
	"total" integer,
	"error" text,
	"created_at" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "runs_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "tenants" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"settings" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"journal_seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX "api_keys_by_hash" ON "api_keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "appointments_of_user" ON "appointments" USING btree ("tenant_id","user_id","range_start","id","range_end");--> statement-breakpoint
CREATE INDEX "appointments_of_series" ON "appointments" USING btree ("tenant_id","recurring_id") WHERE recurring_id is not null;--> statement-breakpoint
CREATE INDEX "appointments_by_marker" ON "appointments" USING btree ("tenant_id","marker_key") WHERE marker_key is not null;--> statement-breakpoint
CREATE INDEX "calendars_by_poll" ON "calendars" USING btree ("next_poll_at") WHERE not is_gone;--> statement-breakpoint
CREATE INDEX "channels_of_connection" ON "channels" USING btree ("tenant_id","connection_id");--> statement-breakpoint
CREATE INDEX "channels_by_id" ON "channels" USING btree ("id");--> statement-breakpoint
CREATE INDEX "channels_by_expiry" ON "channels" USING btree ("expires_at") WHERE state = 'live';--> statement-breakpoint
CREATE INDEX "connect_links_by_hash" ON "connect_links" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "connections_by_user" ON "connections" USING btree ("tenant_id","user_id");--> statement-breakpoint
CREATE INDEX "journal_of_appointment" ON "journal" USING btree ("tenant_id","appointment_id","seq") WHERE appointment_id is not null;--> statement-breakpoint
CREATE INDEX "journal_changes" ON "journal" USING btree ("tenant_id","seq") WHERE change_type is not null;--> statement-breakpoint
CREATE INDEX "links_of_appointment" ON "links" USING btree ("tenant_id","appointment_id") WHERE appointment_id is not null;--> statement-breakpoint
CREATE INDEX "links_of_series" ON "links" USING btree ("tenant_id","recurring_event_id") WHERE recurring_event_id is not null;--> statement-breakpoint
CREATE INDEX "links_by_ical_uid" ON "links" USING btree ("tenant_id","ical_uid") WHERE ical_uid is not null;--> statement-breakpoint
CREATE INDEX "links_missing" ON "links" USING btree ("tenant_id","connection_id","missing_since") WHERE missing_how is not null;--> statement-breakpoint
CREATE INDEX "oauth_flows_by_state" ON "oauth_flows" USING btree ("state_hash");--> statement-breakpoint
CREATE INDEX "outbox_by_turn" ON "outbox" USING btree ("tenant_id","connection_id","lane" DESC NULLS LAST,"queued_at","appointment_id") WHERE state = 'queued';--> statement-breakpoint
CREATE INDEX "outbox_by_due" ON "outbox" USING btree ("not_before") WHERE state = 'queued';--> statement-breakpoint
CREATE INDEX "outbox_of_connection" ON "outbox" USING btree ("tenant_id","connection_id","not_before");--> statement-breakpoint
CREATE INDEX "proposals_open" ON "proposals" USING btree ("tenant_id","appointment_id") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "runs_open" ON "runs" USING btree ("tenant_id","connection_id","created_at") WHERE state in ('queued', 'running');