CREATE TABLE "quota_meters" (
	"name" text PRIMARY KEY NOT NULL,
	"tokens" double precision NOT NULL,
	"filled_at" double precision NOT NULL,
	"per_minute" double precision NOT NULL,
	"slowed_at" double precision
);
