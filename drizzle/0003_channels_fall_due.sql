CREATE TABLE "duplicates" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"kind" text NOT NULL,
	"appointment_id" text NOT NULL,
	"twin_id" text,
	"connection_id" text NOT NULL,
	"calendar_id" text NOT NULL,
	"event_id" text NOT NULL,
	"own_event_id" text,
	"state" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "duplicates_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
DROP INDEX "channels_by_expiry";--> statement-breakpoint
ALTER TABLE "calendars" ADD COLUMN "absent_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "expected_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "due_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "guard_answer" jsonb;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "writes_paused_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "write_refusals" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "duplicates_of_appointment" ON "duplicates" USING btree ("tenant_id","appointment_id");--> statement-breakpoint
CREATE INDEX "channels_by_due" ON "channels" USING btree ("due_at") WHERE state <> 'retired';--> statement-breakpoint
CREATE INDEX "proposals_by_expiry" ON "proposals" USING btree ("expires_at") WHERE state = 'open';