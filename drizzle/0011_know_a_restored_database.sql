CREATE TABLE "installation" (
	"name" text PRIMARY KEY NOT NULL,
	"instance_id" text,
	"fingerprint" jsonb NOT NULL,
	"canary" text,
	"restored_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "calendars" ADD COLUMN "recovering_since" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "links_orphaned" ON "links" USING btree ("tenant_id","content_hash") WHERE error->>'code' = 'orphan';