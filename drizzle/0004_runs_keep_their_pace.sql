ALTER TABLE "runs" ADD COLUMN "phase_started_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "phase_started_done" integer DEFAULT 0 NOT NULL;