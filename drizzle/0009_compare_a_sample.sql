CREATE TABLE "samples" (
	"tenant_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"calendar_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"compared" integer NOT NULL,
	"differing" integer NOT NULL,
	"findings" jsonb NOT NULL,
	CONSTRAINT "samples_tenant_id_connection_id_calendar_id_pk" PRIMARY KEY("tenant_id","connection_id","calendar_id")
);
