ALTER TABLE "journal" ALTER COLUMN "before" SET DATA TYPE json;--> statement-breakpoint
ALTER TABLE "journal" ALTER COLUMN "after" SET DATA TYPE json;--> statement-breakpoint
ALTER TABLE "journal" ALTER COLUMN "change_data" SET DATA TYPE json;